using Cni;
using Ipam;
using Linux;

namespace Plugins;

/// <summary><c>host-local</c>: gives addresses of configured ranges, and remembers on this host who holds which.</summary>
public sealed class HostLocalPlugin : ICniPlugin
{
    /// <summary>The name under which configurations ask for it.</summary>
    public const string TypeName = "host-local";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <summary>It serves virtual machines, too.</summary>
    public bool NeedsNetNS => false;

    /// <summary>What is known of an attachment that is being made on another thread; null if this is an ADD of its own.</summary>
    internal VethInTheMaking? Veth { get; init; }

    /// <inheritdoc/>
    public CniResult Add(CniInvocation invocation)
    {
        HostLocalSettings settings = HostLocalSettings.Read(invocation);
        CniResult result = new() { Dns = settings.ResolvConf is { } path ? ResolvConf.Read(path) : null };
        LeaseStore store = OpenStore(invocation, settings.DataDir);
        foreach (Allocation allocation in store.Allocate(KeyOf(invocation), invocation.NetNS, settings.RangeSets, settings.Requested))
            result.Ips.Add(new CniIp { Address = allocation.Address, Gateway = allocation.Gateway });
        result.Routes.AddRange(settings.Routes);
        return result;
    }

    /// <inheritdoc/>
    public void Del(CniInvocation invocation) => _ = OpenStore(invocation).Release(KeyOf(invocation));

    /// <inheritdoc/>
    public void Check(CniInvocation invocation)
    {
        if (OpenStore(invocation).Find(KeyOf(invocation)) is null)
        {
            throw new CniException(
                CniErrorCode.CheckFailed,
                $"container {invocation.ContainerId} holds no address for {invocation.IfName} in network {invocation.Network}");
        }
    }

    /// <inheritdoc/>
    public void Status(CniInvocation invocation)
    {
        HostLocalSettings settings = HostLocalSettings.Read(invocation);
        IReadOnlyList<RangeSetUse> uses;
        try
        {
            uses = OpenStore(invocation, settings.DataDir).Measure(settings.RangeSets);
        }
        catch (IpamException e) when (e.Kind is IpamErrorKind.StoreBroken or IpamErrorKind.StoreBusy)
        {
            throw new CniException(CniErrorCode.PluginNotAvailable, e.Message, inner: e);
        }
        foreach (RangeSetUse use in uses.Where(static use => use.IsFull))
        {
            string message = $"no address is free in range set {use.Set} of network {invocation.Network}: {use.Held} are held";
            if (settings.StatusOnExhaustion)
                throw new CniException(CniErrorCode.PluginNotAvailable, message);
            invocation.Warn(message);
        }
    }

    /// <inheritdoc/>
    public void Gc(CniInvocation invocation) => _ = OpenStore(invocation).Collect(
        invocation.ValidAttachments.Select(static attachment => new LeaseKey(attachment.ContainerId, attachment.IfName)).ToHashSet());

    private LeaseStore OpenStore(CniInvocation invocation) => OpenStore(invocation, HostLocalSettings.ReadDataDir(invocation));

    private LeaseStore OpenStore(CniInvocation invocation, string dataDir) => new(new LeaseStoreOptions
    {
        DataDir = dataDir,
        Network = invocation.Network,
        BootId = KernelBoot.ReadId(),
        Evidence = new LeaseEvidence(invocation, Veth),
    });

    private static LeaseKey KeyOf(CniInvocation invocation) => new(invocation.ContainerId, invocation.IfName);
}
