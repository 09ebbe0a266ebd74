using System.Globalization;
using System.Text;
using Cni;
using Dhcp.Client;
using Linux;
using Linux.Files;
using Linux.Kernel;
using Linux.Sockets;

namespace Dhcp.Daemon;

/// <summary>
/// <c>dhcp daemon</c>: holds the leases of all attachments of the node, since plugins end and leases must be renewed. One thread serves
/// plugins, servers and timers.
/// </summary>
public sealed class DhcpDaemon
{
    private const UnixFileMode PidFileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly byte[] s_done = "{}"u8.ToArray();

    private readonly EventLoop _loop;
    private readonly ClientEnvironment _environment;
    private readonly LeaseBook _book;
    private Action? _descriptorIsFree;

    private DhcpDaemon(DaemonOptions options, EventLoop loop)
    {
        _loop = loop;
        _environment = new ClientEnvironment(loop.Timers, new PodLinks(loop, options.HostPrefix), options.Timeouts, options.Broadcast);
        _book = new LeaseBook(new LeaseDirectory(options.HostPrefix + options.StateDirectory), KernelBoot.ReadId(), Log);
    }

    /// <summary>Serves until SIGINT or SIGTERM.</summary>
    /// <param name="arguments">What stands behind <c>daemon</c>.</param>
    /// <returns>The exit status: 0; 1 if it could not serve; 2 if a flag is wrong.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (!DaemonOptions.TryParse(arguments, out DaemonOptions? options, out string text))
        {
            StandardStreams.WriteError(text);
            // -help is no mistake.
            return text == DaemonOptions.Usage ? 0 : 2;
        }
        try
        {
            Run(options!);
            return 0;
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            Log(e.Message);
            return 1;
        }
    }

    private static void Run(DaemonOptions options)
    {
        using EventLoop loop = new(Log);
        // Before anybody can know that the daemon is there.
        loop.StopOnSignals();
        using UnixListener listener = Listen(options.HostPrefix + options.SocketPath);
        DhcpDaemon daemon = new(options, loop);
        daemon._book.Load(daemon._environment);
        using Reception reception = new(loop, listener.File, listener.Accept, daemon.Accept, Log);
        daemon._descriptorIsFree = reception.Resume;
        if (options.PidFile.Length > 0)
            WritePidFile(options.PidFile);
        Log($"listening at {options.HostPrefix + options.SocketPath}, {daemon._book.All.Count} leases held");
        try
        {
            loop.Run();
        }
        finally
        {
            if (options.PidFile.Length > 0)
                File.Delete(options.PidFile);
        }
        foreach (LeaseHolder holder in daemon._book.All)
            holder.Stop();
    }

    private static UnixListener Listen(string path)
    {
        if (UnixListener.Activated(
            Environment.GetEnvironmentVariable("LISTEN_PID"), Environment.GetEnvironmentVariable("LISTEN_FDS")) is { } activated)
        {
            return activated;
        }
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory && FileStatus.TryGet(directory) is null)
            OwnerDirectory.Create(directory);
        return UnixListener.Listen(path);
    }

    private static void Log(string message) => StandardStreams.WriteError($"dhcp daemon: {message}");

    /// <summary>Everybody may read it, and nobody but the owner may make it name another process.</summary>
    private static void WritePidFile(string path)
    {
        using FileDescriptor file = FileDescriptor.Open(
            path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NonBlocking, PidFileMode);
        file.SetMode(PidFileMode);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    private void Accept(UnixStream stream) =>
        _ = new DaemonConnection(_loop, stream, Serve, Abandon, closed: () => _descriptorIsFree?.Invoke());

    private void Abandon(DaemonConnection connection)
    {
        foreach (LeaseHolder holder in _book.All.ToList())
            holder.Abandon(connection);
    }

    private void Serve(DaemonConnection connection, ReadOnlyMemory<byte> line)
    {
        try
        {
            DaemonRequest request = DaemonRequest.Read(line.Span);
            switch (request.Command)
            {
                case "ADD":
                    Add(connection, request.Lease);
                    break;
                case "DEL":
                    Release(request.Lease.Key);
                    connection.Answer(s_done);
                    break;
                case "CHECK":
                    connection.Answer(Check(request.Lease.Key));
                    break;
                case "GC":
                    Collect(request);
                    connection.Answer(s_done);
                    break;
                case "STATUS":
                    connection.Answer(s_done);
                    break;
                default:
                    throw new CniException(CniErrorCode.InvalidEnvironment, $"the DHCP daemon knows no command \"{request.Command}\"");
            }
        }
        catch (Exception e)
        {
            connection.Fail(e);
        }
    }

    private void Add(DaemonConnection connection, LeaseRequest request)
    {
        LeaseHolder? known = _book.Find(request.Key);
        if (known is { IsAcquiring: true })
        {
            known.Await(connection);
            return;
        }
        if (known is { IsHeld: true, HardwareAddress: { } mac } && _environment.Links.Exists(request, mac))
        {
            connection.Answer(known.ToResult().ToJson(CniVersions.Newest));
            return;
        }
        LeaseHolder holder = new(request, _environment, _book);
        (System.Net.IPAddress?, System.Net.IPAddress?) former = _book.Put(holder);
        holder.Await(connection);
        holder.Acquire(former);
    }

    private void Release(LeaseKey key)
    {
        _book.Find(key)?.Release("DEL");
        _book.ForgetOtherBoots(other => other == key);
    }

    private byte[] Check(LeaseKey key) => _book.Find(key) is { IsHeld: true } holder
        ? holder.ToResult().ToJson(CniVersions.Newest)
        : throw CniException.CheckFailed($"container {key.ContainerId} holds no DHCP lease for {key.IfName} in network {key.Network}");

    private void Collect(DaemonRequest request)
    {
        string network = request.Lease.Network;
        HashSet<LeaseKey> valid = [.. request.Valid.Select(attachment => new LeaseKey(network, attachment.ContainerId, attachment.IfName))];
        foreach (LeaseHolder holder in _book.Of(network).Where(holder => !valid.Contains(holder.Request.Key)))
            holder.Release("GC");
        _book.ForgetOtherBoots(key => key.Network == network && !valid.Contains(key));
    }
}
