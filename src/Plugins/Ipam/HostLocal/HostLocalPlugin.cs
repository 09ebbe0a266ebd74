using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Ipam;
using Ipam.Store;
using Linux.Kernel;

namespace Plugins.Ipam.HostLocal;

/// <summary><c>host-local</c>: gives addresses of configured ranges, and remembers on this host who holds which.</summary>
/// <param name="reclaim">Removes what dead attachments have left, before their addresses are another's.</param>
internal sealed class HostLocalPlugin(RemoveRemains reclaim) : IIpamPlugin
{
    /// <summary>The name under which configurations ask for it.</summary>
    public const string TypeName = "host-local";

    /// <inheritdoc/>
    public string Type => TypeName;

    // Another ADD of the attachment answers within milliseconds; a DEL can be sent again.
    private static readonly TimeSpan s_patienceOfAdd = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patienceOfDel = TimeSpan.FromSeconds(10);

    private HostLocalSettings? _settings;
    private PendingVeth? _veth;
    private RunningAdd? _add;

    /// <summary>It serves virtual machines, too.</summary>
    public bool NeedsNetNS => false;

    /// <inheritdoc/>
    public bool MayComeFirst => true;

    /// <summary>Those that it chooses come round again when all others have been given.</summary>
    public bool MayBeKnown => _settings?.Requested.Count > 0;

    /// <summary>
    /// Begins the ADD of an interface plugin: checks the configuration, and marks the ADD as running until <see cref="End"/>. One that
    /// a plugin of another make executes has no mark, since it ends before that plugin's own ADD.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="tag">Of the attachment.</param>
    /// <returns>What the thread that makes the link is to tell, and to be told.</returns>
    /// <exception cref="IpamException">
    /// AttachmentBusy: another ADD of the attachment is running. StoreBroken: nothing can be written.
    /// </exception>
    public PendingVeth Begin(CniInvocation call, AttachmentTag tag)
    {
        _settings = HostLocalSettings.Read(call);
        _add = RunningAdd.Begin(DirectoryOf(call, _settings.DataDir), tag.Text, s_patienceOfAdd);
        return _veth = new PendingVeth { WasLeft = _add.WasLeft };
    }

    /// <summary>
    /// Begins the DEL of an interface plugin: waits for an ADD of the attachment that is still running, as a runtime does not that gives
    /// up.
    /// </summary>
    /// <exception cref="IpamException">AttachmentBusy: it runs on.</exception>
    public void BeginDel(CniInvocation call, AttachmentTag tag)
    {
        try
        {
            _add = RunningAdd.TakeOver(DirectoryOf(call, HostLocalSettings.ReadDataDir(call)), tag.Text, s_patienceOfDel);
        }
        catch (Exception e) when (e is CniException or IpamException { Kind: IpamErrorKind.StoreBroken })
        {
            // Giving the addresses back will fail for the same reason, and all else goes before.
        }
    }

    /// <inheritdoc/>
    public bool IsRefusal(Exception failure) => failure is CniException or IpamException { Kind: not IpamErrorKind.StoreBroken };

    /// <summary>
    /// Takes back what the ADD that has begun was given; nothing of another one's. It ends only if that succeeds: a lease that is left must
    /// be seen to be nobody's.
    /// </summary>
    public void Undo(CniInvocation call)
    {
        if (_add is null || _settings is not { } settings)
            return;
        using RunningAdd running = _add;
        _ = OpenStore(call, settings.DataDir).Release(KeyOf(call), running.Id);
        End();
    }

    /// <inheritdoc/>
    public void End()
    {
        _add?.End();
        _add = null;
    }

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        HostLocalSettings settings = _settings ?? HostLocalSettings.Read(call);
        CniResult result = new() { Dns = settings.ResolvConf is { } path ? ResolvConf.Read(path) : null };
        LeaseStore store = OpenStore(call, settings.DataDir);
        foreach (Allocation allocation in store.Allocate(KeyOf(call), call.NetNS, settings.RangeSets, settings.Requested))
            result.Ips.Add(new CniIp { Address = allocation.Address, Gateway = allocation.Gateway });
        result.Routes.AddRange(settings.Routes);
        return result;
    }

    /// <inheritdoc/>
    public void Del(CniInvocation call)
    {
        using RunningAdd? left = _add;
        string dataDir = HostLocalSettings.ReadDataDir(call);
        _ = OpenStore(call, dataDir).Release(KeyOf(call));
        // Last: as long as the lease is there, it must be seen whose it was.
        if (left is null)
            RunningAdd.Forget(DirectoryOf(call, dataDir), new AttachmentTag(call).Text);
        End();
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call)
    {
        if (OpenStore(call).Find(KeyOf(call)) is null)
        {
            throw CniException.CheckFailed(
                $"container {call.ContainerId} holds no address for {call.IfName} in network {call.Network}");
        }
    }

    /// <inheritdoc/>
    public void Status(CniInvocation call)
    {
        HostLocalSettings settings = HostLocalSettings.Read(call);
        IReadOnlyList<RangeSetUse> uses;
        try
        {
            uses = OpenStore(call, settings.DataDir).Measure(settings.RangeSets);
        }
        catch (IpamException e) when (e.Kind is IpamErrorKind.StoreBroken or IpamErrorKind.StoreBusy)
        {
            throw new CniException(CniErrorCode.PluginNotAvailable, e.Message, inner: e);
        }
        foreach (RangeSetUse use in uses.Where(static use => use.IsFull))
        {
            string message = $"no address is free in range set {use.Set} of network {call.Network}: {use.Held} are held";
            if (settings.StatusOnExhaustion)
                throw new CniException(CniErrorCode.PluginNotAvailable, message);
            call.Warn(message);
        }
    }

    /// <inheritdoc/>
    public void Gc(CniInvocation call)
    {
        string dataDir = HostLocalSettings.ReadDataDir(call), directory = DirectoryOf(call, dataDir);
        _ = OpenStore(call, dataDir).Collect(
            call.ValidAttachments.Select(static attachment => new LeaseKey(attachment.ContainerId, attachment.IfName)).ToHashSet());
        GcScope valid = new(call);
        foreach (string tag in RunningAdd.List(directory).Where(valid.IsGarbage).ToArray())
            RunningAdd.Forget(directory, tag);
    }

    private LeaseStore OpenStore(CniInvocation call) => OpenStore(call, HostLocalSettings.ReadDataDir(call));

    private LeaseStore OpenStore(CniInvocation call, string dataDir) => new(new LeaseStoreOptions
    {
        DataDir = dataDir,
        Network = call.Network,
        BootId = KernelBoot.ReadId(),
        Evidence = new LeaseEvidence(call, DirectoryOf(call, dataDir), reclaim)
        {
            Ranges = () => TryReadRanges(call),
            Veth = _veth,
            Add = _veth is null ? null : _add,
        },
    });

    /// <summary>Where a network's leases lie, as <see cref="LeaseStore"/> has it.</summary>
    private static string DirectoryOf(CniInvocation call, string dataDir) => Path.Combine(dataDir, call.Network);

    /// <summary>A DEL must do with a configuration that is no good.</summary>
    private static IReadOnlyList<RangeSet>? TryReadRanges(CniInvocation call)
    {
        try
        {
            return HostLocalSettings.Read(call).RangeSets;
        }
        catch (Exception e) when (e is CniException or IpamException)
        {
            return null;
        }
    }

    private static LeaseKey KeyOf(CniInvocation call) => new(call.ContainerId, call.IfName);
}
