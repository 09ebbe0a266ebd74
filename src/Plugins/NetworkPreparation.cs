using System.Net;
using Cni;
using Datapath.Attachments;
using Datapath.Node;
using Datapath.Rulesets;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Route;
using Plugins.Chained.Firewall;
using Plugins.Chained.Portmap;
using Plugins.Interfaces.Bridge;
using Plugins.Interfaces.Ptp;
using Plugins.Ipam.HostLocal;
using Plugins.Ipam.Static;
using Plugins.Masquerade;

namespace Plugins;

/// <summary>
/// Makes what the pods of a network share before the first of them comes: bridges with their gateways, and rules that are not a pod's. An
/// ADD would make the same, so this may be called at any time and again.
/// </summary>
public sealed class NetworkPreparation
{
    private readonly List<string> _made = [];
    private readonly List<INodeRuleset> _parts = [];
    private readonly List<BridgePreparation> _bridges = [];
    private readonly List<IpPrefix> _subnets = [];
    private bool _routes;

    private NetworkPreparation()
    {
    }

    /// <summary>Prepares a network, or leaves everything as it was: all is checked before anything is made.</summary>
    /// <param name="plugins">Its plugins in their order, with their configurations.</param>
    /// <returns>What there is now, in words.</returns>
    /// <exception cref="CniException">A value is wrong, or something is in the way; the message names plugin and key.</exception>
    public static IReadOnlyList<string> Run(IReadOnlyList<(string Type, CniInvocation Call)> plugins)
    {
        NetworkPreparation network = new();
        foreach (((string type, CniInvocation call), int i) in plugins.Select(static (plugin, i) => (plugin, i)))
        {
            try
            {
                network.Plan(type, call);
            }
            catch (Exception e) when (e is CniException or global::Ipam.IpamException)
            {
                throw new CniException(
                    e is CniException known ? known.Code : CniErrorCode.InvalidNetworkConfig,
                    $"plugins[{i}], of type {type}: {e.Message}",
                    inner: e);
            }
        }
        return UndoStack.Run(plugins[0].Call, network.Make);
    }

    private void Plan(string type, CniInvocation call)
    {
        switch (type)
        {
            case "bridge":
                BridgeSettings bridge = BridgeSettings.Read(call);
                CniResult first = PlanAddresses(call);
                new BridgeDriver(bridge).Complete(first);
                _bridges.Add(new BridgePreparation(bridge, first));
                _routes |= bridge.IsGateway;
                if (bridge.Masquerade is { } masquerade)
                    _parts.Add(MasqueradeRuleset.For(_subnets, masquerade));
                if (bridge.MacSpoofCheck)
                    _parts.Add(MacSpoofCheck.Shared);
                break;
            case PtpPlugin.TypeName:
                PtpSettings ptp = PtpSettings.Read(call);
                _ = PlanAddresses(call);
                _routes = true;
                if (ptp.Masquerade is { } masqueradeOfPtp)
                    _parts.Add(MasqueradeRuleset.For(_subnets, masqueradeOfPtp));
                break;
            case "portmap":
                _parts.Add(PublishedPorts.SharedPart(PortmapSettings.Read(call), _subnets));
                break;
            case "firewall":
                IPAddress[] families = [.. _subnets.Select(static subnet => subnet.Address)];
                _parts.Add(FirewallPart.For(FirewallSettings.Read(call), new FirewallSubject(families, [], [])));
                break;
        }
    }

    /// <summary>
    /// What the first pod would get, as far as the configuration says it, and all subnets that pods may get addresses of.
    /// </summary>
    private CniResult PlanAddresses(CniInvocation call)
    {
        CniResult first = new();
        if (call.IpamType == HostLocalPlugin.TypeName)
        {
            HostLocalSettings settings = HostLocalSettings.Read(call);
            first.Ips.AddRange(settings.RangeSets.Select(static set => set.Ranges[0]).Select(
                static range => new CniIp { Address = new IpPrefix(range.Start, range.Subnet.Length), Gateway = range.Gateway }));
            _subnets.AddRange(settings.RangeSets.SelectMany(static set => set.Ranges).Select(static range => range.Subnet));
        }
        else if (call.IpamType == StaticPlugin.TypeName)
        {
            first.Ips.AddRange(StaticSettings.Read(call).Addresses);
            _subnets.AddRange(first.Addresses.Select(static address => address.Masked));
        }
        return first;
    }

    private IReadOnlyList<string> Make(UndoStack undo)
    {
        using RouteClient host = RouteClient.Open();
        foreach (BridgePreparation bridge in _bridges)
            bridge.MakeBridge(host, undo);
        if (_parts.Count > 0)
            Complete();
        if (_routes)
            Forwarding.EnableFor(_subnets);
        // What can be refused has been planned; pods may rely on the rest at once.
        foreach (BridgePreparation bridge in _bridges)
            _made.Add(bridge.MakeGateway(host));
        if (_parts.Count > 0)
            _made.Add("rules in nftables");
        return _made;
    }

    private void Complete()
    {
        using NftClient nft = NftClient.Open();
        try
        {
            RulesetChange.Apply(nft, "prepare the ruleset", batch => _parts.ForEach(part => part.Complete(nft, batch)));
        }
        catch (NetlinkException e) when (e.Errno == Errno.EBUSY)
        {
            throw new CniException(CniErrorCode.TryAgainLater, e.Message, inner: e);
        }
    }
}
