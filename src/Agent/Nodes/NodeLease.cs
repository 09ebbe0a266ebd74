using System.Globalization;
using System.Text;
using Agent.Blocks;
using Cluster.Objects;
using Cluster.Store;
using Linux.Files;
using Microsoft.Extensions.Logging;

namespace Agent.Nodes;

/// <summary>
/// Keeps what this node says of itself in the store, on a lease that survives a restart of the agent: its number lies in the runtime
/// directory, and a stop does not revoke it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="self">What the node says.</param>
/// <param name="runtimeDirectory">Of the agent.</param>
/// <param name="log">Told when the lease is a new one, and of failures.</param>
public sealed partial class NodeLease(IClusterStore store, StoreKeys keys, Node self, string runtimeDirectory, ILogger log)
{
    /// <summary>How long others believe that this node lives without hearing of it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // What time does not mend, people do: a certificate, a password.
    private static readonly TimeSpan s_retryDenied = TimeSpan.FromSeconds(10);
    private const int MaxLength = 20;

    private readonly string _path = Path.Combine(runtimeDirectory, "lease");

    // What stands in the store, by this agent's hand.
    private StoredValue? _said;
    private bool _hasAnswered;

    /// <summary>The lease, on which all hangs that this node writes of itself; null while there is none.</summary>
    public StoreLease? Current { get; private set; }

    /// <summary>Why the node is not in the store, as a sentence; null if it is.</summary>
    public string? Problem { get; private set; } = "the store has not answered yet";

    /// <summary>
    /// Whether the store has said, since the agent started, that the name is this node's. Until then, and while it is another's, this node
    /// must give no addresses: the blocks of the name are not its own.
    /// </summary>
    public bool HasName { get; private set; }

    /// <summary>Called when <see cref="HasName"/> has changed.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Waits before something is done again; tests wait otherwise.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Keeps the lease until it is cancelled, and leaves it to live on.</summary>
    /// <exception cref="StoreException">
    /// The store refuses for a reason that time does not mend, and has never answered: behind that, what there is goes on, and it is asked
    /// again.
    /// </exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            TimeSpan next = s_retry;
            try
            {
                await KeepAsync(cancel);
                _hasAnswered = true;
                await SayAsync(Current!, cancel);
                if (Problem is null)
                    next = Current!.Lifetime / 3;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Unavailable or StoreErrorKind.LeaseEnded || _hasAnswered)
            {
                next = e.Kind is StoreErrorKind.Denied or StoreErrorKind.Invalid ? s_retryDenied : s_retry;
                if (e.Kind == StoreErrorKind.LeaseEnded)
                    Current = null;
                if (Problem != e.Message)
                    LogFailure(e.Message);
                Problem = e.Message;
            }
            try
            {
                await Wait(next, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Keeps the lease alive: the one at hand, that of the agent before this one, or a new one.</summary>
    private async Task KeepAsync(CancellationToken cancel)
    {
        StoreLease? lease = Current ?? ReadLast();
        try
        {
            if (lease is not null)
            {
                await store.KeepAliveAsync(lease, cancel);
                Current = lease;
                return;
            }
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.LeaseEnded)
        {
            // The node was away for too long.
        }
        Current = null;
        lease = await store.GrantAsync(Lifetime, cancel);
        OwnerDirectory.Create(runtimeDirectory);
        AtomicFile.Write(_path, Encoding.ASCII.GetBytes(lease.Id.ToString(CultureInfo.InvariantCulture)));
        Current = lease;
        _said = null;
        LogNew(lease.Id, lease.Lifetime.TotalSeconds);
    }

    /// <summary>Puts the node under its key, unless it stands there; never over another node of the same name.</summary>
    private async Task SayAsync(StoreLease lease, CancellationToken cancel)
    {
        string key = keys.NodeObject(self.Metadata.Name);
        byte[] bytes = ObjectJson.Write(self);
        StoredValue? there = (await store.ListAsync(key, cancel)).Values.FirstOrDefault(value => value.Key == key);
        if (there is not null && there.Revision == _said?.Revision)
        {
            Accept();
            return;
        }
        if (there is not null && ObjectJson.ReadNode(there.Bytes, out _) is { } other && other.Identity != self.Identity)
        {
            Refuse($"nodeName is \"{self.Metadata.Name}\", which is the name of another node that is alive, at "
                + $"{string.Join(", ", other.InternalAddresses)}: give this one another name, or stop the other's agent and wait "
                + $"{Lifetime.TotalSeconds:0} s");
            return;
        }
        if (there is null && await FindNamesakeAsync(cancel) is { } namesake)
        {
            Refuse($"nodeName is \"{self.Metadata.Name}\", and another node of this name, which is away now, has the block {namesake}: if "
                + $"this is the same host, and its state was lost, run cnictl node repair --self; if the other will not come again, run "
                + $"cnictl node forget {self.Metadata.Name}; else give this one another name");
            return;
        }
        StoreTransaction put = new();
        _ = there is null ? put.ExpectAbsent(key) : put.Expect(there);
        if (await store.CommitAsync(put.Put(key, bytes, lease), cancel) is { } revision)
        {
            _said = new StoredValue(key, bytes, revision);
            Accept();
        }
    }

    /// <summary>A block of this node's name that has another identity; null if there is none.</summary>
    private async Task<string?> FindNamesakeAsync(CancellationToken cancel)
    {
        BlockHolder holder = new(self.Metadata.Name, self.Identity);
        return (await store.ListAsync(keys.AllBlocks, cancel)).Values
            .Where(value => BlockOwner.Read(value.Bytes) is var other && other.Node == holder.Node && !other.Is(holder))
            .Select(value => keys.TextOfBlock(value.Key))
            .FirstOrDefault();
    }

    private void Accept()
    {
        Problem = null;
        if (HasName)
            return;
        HasName = true;
        Changed();
    }

    private void Refuse(string problem)
    {
        if (Problem != problem)
            LogFailure(problem);
        Problem = problem;
        HasName = false;
    }

    private StoreLease? ReadLast() => PlainFile.TryRead(_path, MaxLength) is { } text
        && long.TryParse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, out long id)
            ? new StoreLease(id, Lifetime)
            : null;

    [LoggerMessage(LogLevel.Information, "the node's lease in the store is {Id}, which lives {Seconds} s without being kept alive")]
    private partial void LogNew(long id, double seconds);

    [LoggerMessage(LogLevel.Warning, "node: {Problem}")]
    private partial void LogFailure(string problem);
}
