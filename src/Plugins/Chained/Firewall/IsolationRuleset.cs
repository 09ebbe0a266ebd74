using System.Text;
using Datapath.Rulesets;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Firewall;

/// <summary>
/// ingressPolicy: which pods of the node may reach each other. Between bridges the IP layer decides, by the names of the bridges:
/// <code>
/// table inet cniplugin {
///     set bridges { type ifname; elements = { "cni0", "cni1" } }
///     set bridges_inside { type ifname . ifname; elements = { "cni0" . "cni0", "cni1" . "cni1" } }
///     set bridges_isolated { type ifname . ifname; elements = { "cni1" . "cni1" } }
///     chain forward_isolate {
///         type filter hook forward priority filter - 2
///         iifname . oifname @bridges_isolated drop
///         iifname . oifname @bridges_inside accept
///         iifname @bridges oifname @bridges drop
///     }
/// }
/// </code>
/// That layer does not see what one port of a bridge sends to another (unless net.bridge.bridge-nf-call-iptables is 1), so there a chain of
/// the bridge family decides, by the names of the ports:
/// <code>
/// table bridge cniplugin {
///     set isolated_ports { type ifname; elements = { "veth0123456789a" comment "tag names" } }
///     chain forward_isolate { type filter hook forward priority filter; iifname @isolated_ports oifname @isolated_ports drop }
/// }
/// </code>
/// </summary>
/// <remarks>
/// A pair is the same bridge twice, since no expression compares two interfaces. A bridge stays in the sets when its last pod goes, as the
/// reference's rules do; where networks of different policies share a bridge, the strictest holds.
/// </remarks>
/// <param name="policy">What is asked for.</param>
/// <param name="bridges">Of which bridges.</param>
internal sealed class IsolationRuleset(IngressPolicy policy, IReadOnlyList<string> bridges) : INodeRuleset
{
    /// <summary>The ports of bridges that do not reach each other.</summary>
    public static NftSet Ports => new(BridgeTable, "isolated_ports", NftDataType.InterfaceName);

    /// <summary>The bridges that have a policy.</summary>
    public static NftSet Bridges => new(Table, "bridges", NftDataType.InterfaceName);

    private static NftTable Table => NodeRuleset.TableOf(NftFamily.Inet);

    private static NftTable BridgeTable => NodeRuleset.TableOf(NftFamily.Bridge);

    private static NftSet Inside => new(Table, "bridges_inside", Pair);

    private static NftSet Isolated => new(Table, "bridges_isolated", Pair);

    private static NftDataType Pair => NftDataType.Concat(NftDataType.InterfaceName, NftDataType.InterfaceName);

    /// <inheritdoc/>
    public string? FindBroken(NftClient nft)
    {
        foreach (NodeRuleset ruleset in Rulesets)
        {
            if (ruleset.FindBroken(nft) is { } broken)
                return broken;
        }
        foreach ((NftSet set, string bridge) in Memberships)
        {
            if (nft.FindElement(set, KeyIn(set, bridge)) is null)
                return $"element {bridge} of set {set}";
        }
        return null;
    }

    /// <inheritdoc/>
    public void Complete(NftClient nft, NftBatch batch)
    {
        foreach (NodeRuleset ruleset in Rulesets)
            ruleset.Complete(nft, batch);
        foreach ((NftSet set, string bridge) in Memberships)
            batch.AddElements(set, new NftElement(KeyIn(set, bridge)));
    }

    /// <summary>Takes the bridges that are no more out of the sets.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="exists">Whether there is an interface of a name.</param>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public static void RemoveBridges(NftClient nft, Predicate<string> exists)
    {
        foreach (NftElement element in nft.ListElements(Bridges))
        {
            string name = Encoding.UTF8.GetString(element.Key.Bytes.TrimEnd((byte)0));
            // Asked again for every deletion, since an ADD makes a bridge before it makes its elements.
            RemoveBridge(nft, name, () => !exists(name));
        }
    }

    /// <summary>Takes a bridge out of the sets.</summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public static void RemoveBridge(NftClient nft, string name, Func<bool> isGone) =>
        _ = nft.DeleteElements(((NftSet[])[Isolated, Inside, Bridges]).Select(set => (set, KeyIn(set, name))), _ => isGone());

    private IEnumerable<NodeRuleset> Rulesets => policy switch
    {
        IngressPolicy.Open => [],
        IngressPolicy.SameBridge => [BetweenBridges],
        IngressPolicy.Isolated => [BetweenBridges, BetweenPorts],
    };

    private IEnumerable<(NftSet Set, string Bridge)> Memberships =>
        from bridge in bridges
        from set in policy switch
        {
            IngressPolicy.Open => (NftSet[])[],
            IngressPolicy.SameBridge => [Bridges, Inside],
            IngressPolicy.Isolated => [Bridges, Inside, Isolated],
        }
        select (set, bridge);

    private static NftValue KeyIn(NftSet set, string bridge)
    {
        NftValue name = NftValue.InterfaceName(bridge);
        return set.KeyType.IsConcatenation ? NftValue.Concat(name, name) : name;
    }

    private static NodeRuleset BetweenBridges
    {
        get
        {
            NftChain chain = new(Table, "forward_isolate") { Base = new NftBaseChain("filter", NftHook.Forward, NftPriority.Filter - 2) };
            NftExpression[] pair =
                [new Meta(MetaKey.InputInterfaceName), new Meta(MetaKey.OutputInterfaceName) { Register = NftRegister.Second }];
            NftRule[] rules =
            [
                new NftRule(chain, [.. pair, new Lookup(Isolated.Name), new Immediate(NftVerdict.Drop)]),
                new NftRule(chain, [.. pair, new Lookup(Inside.Name), new Immediate(NftVerdict.Accept)]),
                new NftRule(chain, [.. BothIn(Bridges), new Immediate(NftVerdict.Drop)]),
            ];
            return new NodeRuleset(Table, [Bridges, Inside, Isolated], [(chain, rules)]);
        }
    }

    private static NodeRuleset BetweenPorts
    {
        get
        {
            NftChain chain = new(BridgeTable, "forward_isolate")
            {
                Base = new NftBaseChain("filter", NftHook.Forward, NftPriority.BridgeFilter),
            };
            return new NodeRuleset(
                BridgeTable, [Ports], [(chain, [new NftRule(chain, [.. BothIn(Ports), new Immediate(NftVerdict.Drop)])])]);
        }
    }

    private static NftExpression[] BothIn(NftSet set) =>
        [new Meta(MetaKey.InputInterfaceName), new Lookup(set.Name), new Meta(MetaKey.OutputInterfaceName), new Lookup(set.Name)];
}
