using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>The link half of a bridge's ADD: the bridge, the veth pair with its host end as a port, and a socket inside the pod.</summary>
internal sealed class BridgePort : IDisposable
{
    private readonly RouteClient _host;

    private BridgePort(RouteClient host, BridgeDevice bridge, VethPair pair, RouteClient inside)
    {
        _host = host;
        Bridge = bridge;
        Pair = pair;
        Inside = inside;
    }

    public BridgeDevice Bridge { get; }

    public VethPair Pair { get; }

    /// <summary>The pod's links, addresses and routes.</summary>
    public RouteClient Inside { get; }

    /// <summary>
    /// Makes all of it, or nothing. To be called on a thread that ends afterwards: it stays in the pod's namespace, where settings under
    /// /proc/sys have to be made.
    /// </summary>
    /// <param name="call">The ADD.</param>
    /// <param name="settings">Its configuration, checked.</param>
    /// <param name="tag">Names the host end.</param>
    /// <param name="host">The host's links; nobody else uses them meanwhile.</param>
    /// <param name="making">Is told which link this is before it exists.</param>
    public static BridgePort Create(
        CniInvocation call, BridgeSettings settings, AttachmentTag tag, RouteClient host, VethInTheMaking making) =>
        UndoStack.Run(call, undo =>
        {
            (BridgeDevice bridge, VethPair pair) = Attach(call, settings, tag, host, making, undo);
            _ = Sysctl.TryWrite($"net/ipv6/conf/{pair.HostName}/accept_ra", "0");
            call.Namespace!.EnterForGood();
            if (settings.IpamType is not null)
                new PodInterface(call.IfName, pair.PodIndex).Prepare(settings.DuplicateAddressDetection);
            return new BridgePort(host, bridge, pair, RouteClient.Open());
        });

    /// <summary>Takes it all back.</summary>
    public void Delete()
    {
        Pair.Delete(_host);
        DeleteBridge(_host, Bridge);
    }

    /// <inheritdoc/>
    public void Dispose() => Inside.Dispose();

    private static (BridgeDevice Bridge, VethPair Pair) Attach(
        CniInvocation call, BridgeSettings settings, AttachmentTag tag, RouteClient host, VethInTheMaking making, UndoStack undo)
    {
        using FileLock inUse = BridgeLock.Share(settings.Bridge);
        BridgeDevice bridge = BridgeDevice.Ensure(host, settings);
        undo.Push($"delete bridge {bridge.Name}", () => DeleteBridge(host, bridge));
        LinkChange port = new()
        {
            Master = bridge.Index,
            // A new port has neither.
            Hairpin = settings.Hairpin ? true : null,
            Isolated = settings.Isolated ? true : null,
        };
        VethPair pair = VethPair.Create(
            host, call.Namespace!, call.IfName, tag, settings.Mac, settings.Mtu ?? bridge.Mtu, port, making);
        undo.Push($"delete {pair.HostName}", () => pair.Delete(host));
        PortVlans.Apply(host, pair.HostIndex, settings);
        return (bridge, pair);
    }

    private static void DeleteBridge(RouteClient host, BridgeDevice bridge)
    {
        if (!bridge.WasCreated)
            return;
        using FileLock alone = BridgeLock.Own(bridge.Name);
        bridge.DeleteIfUnused(host);
    }
}
