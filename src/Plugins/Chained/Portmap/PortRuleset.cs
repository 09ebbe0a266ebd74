using System.Net;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Netfilter;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using MasqueradeStatement = Netlink.Nftables.Expressions.Masquerade;

namespace Plugins.Chained.Portmap;

/// <summary>
/// What the published ports of all pods share. Maps lead from a port of the host to the pod, so a new connection costs the same few lookups
/// however many ports there are:
/// <code>
/// table inet cniplugin {
///     map ports4 {
///         type inet_proto . inet_service : ipv4_addr . inet_service
///         elements = { tcp . 8080 comment "tag names" : 10.1.0.5 . 80 }
///     }
///     map host_ports4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service }
///     map published4 { type ipv4_addr : verdict; elements = { 10.1.0.5 comment "tag names" : goto hairpin_10.1.0.0_16 } }
///     set service_addresses4 { type ipv4_addr; elements = { 10.96.0.1 } }
///     chain ports_prerouting {
///         type nat hook prerouting priority dstnat + 1
///         iifname != "lo" ip daddr 127.0.0.0/8 drop
///         fib daddr type local jump ports
///     }
///     chain ports_output { type nat hook output priority -99; ip6 daddr ::1 return; fib daddr type local jump ports }
///     chain ports {
///         ip daddr @service_addresses4 return
///         dnat ip to ip daddr . meta l4proto . th dport map @host_ports4
///         dnat ip to meta l4proto . th dport map @ports4
///     }
///     chain ports_postrouting { type nat hook postrouting priority srcnat; ct status dnat ip daddr vmap @published4 }
///     chain hairpin_10.1.0.0_16 { ip saddr 10.1.0.0/16 masquerade; ip saddr 127.0.0.0/8 masquerade }
/// }
/// </code>
/// Who else translates destinations, such as kube-proxy or docker, does it at priority dstnat and comes first: an address and port that
/// they serve is theirs. <see cref="ServiceAddresses"/> are those of IPVS, which comes later. Mappings under a condition have maps of their
/// own, and rules in front of these that compare and then look there.
/// </summary>
/// <param name="addresses">The pod's, with the lengths of their subnets.</param>
/// <param name="conditions">Those of its networks, by family.</param>
internal sealed class PortRuleset(
    IReadOnlyList<IpPrefix> addresses, IReadOnlyList<(IpFamily Family, PortCondition Condition)> conditions) : INodeRuleset
{
    private const string PortMapPrefix = "ports";
    private const string HostPortMapPrefix = "host_ports";

    // The destination port of TCP, UDP and SCTP.
    private const int PortOffset = 2;

    private const uint RTN_LOCAL = 2; // linux/rtnetlink.h

    /// <summary>Where the masquerade of every connection is.</summary>
    public const string HairpinAll = "hairpin_all";

    private static NftChain Ports => new(Table, "ports");

    private static NftChain Conditions => new(Table, "port_conditions");

    private static NftTable Table => NodeRuleset.TableOf(NftFamily.Inet);

    /// <summary>The pods that have published ports, with what becomes of the sources of connections.</summary>
    public static NftSet Published(IpFamily family) =>
        new(Table, $"published{family.Version}", family.AddressType) { ValueType = NftDataType.Verdict };

    /// <summary>The map of ports that are published on all addresses of the host.</summary>
    public static NftSet PortMap(IpFamily family, PortCondition? condition) =>
        Map(PortMapPrefix, family, condition, NftDataType.Concat(NftDataType.InetProtocol, NftDataType.InetService));

    /// <summary>The map of ports that are published on one address of the host.</summary>
    public static NftSet HostPortMap(IpFamily family, PortCondition? condition) =>
        Map(
            HostPortMapPrefix,
            family,
            condition,
            NftDataType.Concat(family.AddressType, NftDataType.InetProtocol, NftDataType.InetService));

    /// <summary>The chain of a pod's subnet.</summary>
    public static string HairpinName(IpPrefix address) => NodeRuleset.ChainNameOf("hairpin", address);

    /// <summary>All maps of ports, whatever conditions there have been.</summary>
    public static List<NftSet> ListPortMaps(NftClient nft) => nft.ListSets(Table).FindAll(static set =>
        set.IsMap
            && (set.Name.StartsWith(PortMapPrefix, StringComparison.Ordinal)
                || set.Name.StartsWith(HostPortMapPrefix, StringComparison.Ordinal)));

    /// <inheritdoc/>
    public string? FindBroken(NftClient nft)
    {
        if (Fixed.FindBroken(nft) is { } broken)
            return broken;
        return conditions.Count > 0 && MissingConditions(nft).Count > 0 ? $"chain {Conditions}" : null;
    }

    /// <inheritdoc/>
    public void Complete(NftClient nft, NftBatch batch)
    {
        _ = batch.AddTable(Table).AddChain(Conditions);
        Fixed.Complete(nft, batch);
        foreach (NftRule rule in MissingConditions(nft))
            _ = batch.AddRule(rule);
    }

    private NodeRuleset Fixed => new(Table, [.. Sets()], [.. Chains()]);

    private IEnumerable<NftSet> Sets()
    {
        foreach (IpFamily family in IpFamily.Both)
        {
            yield return PortMap(family, condition: null);
            yield return HostPortMap(family, condition: null);
            yield return Published(family);
            yield return ServiceAddresses.Set(family);
        }
        foreach ((IpFamily family, PortCondition condition) in conditions)
        {
            yield return PortMap(family, condition);
            yield return HostPortMap(family, condition);
        }
    }

    private IEnumerable<(NftChain Chain, NftRule[] Rules)> Chains()
    {
        foreach (IpPrefix subnet in addresses.Select(static address => address.Masked).Distinct())
            yield return Hairpin(subnet);
        yield return Chain(new NftChain(Table, HairpinAll), [new MasqueradeStatement()]);
        yield return Chain(
            Ports,
            OfService(IpFamily.IPv4),
            OfService(IpFamily.IPv6),
            [new Immediate(NftVerdict.Jump(Conditions.Name))],
            ToHostPort(IpFamily.IPv4, condition: null),
            ToPort(IpFamily.IPv4, condition: null),
            ToHostPort(IpFamily.IPv6, condition: null),
            ToPort(IpFamily.IPv6, condition: null));
        yield return Chain(
            BaseChain("ports_prerouting", NftHook.Prerouting, NftPriority.DestinationNat + 1),
            // route_localnet lets in what others on the link send to 127.0.0.0/8; only the host itself may.
            [
                new Meta(MetaKey.InputInterfaceName),
                new Cmp(CmpOperation.NotEqual, NftValue.InterfaceName("lo")),
                .. PacketMatch.DestinationIn(NftFamily.Inet, Localhost),
                new Immediate(NftVerdict.Drop),
            ],
            ToLocalAddress);
        yield return Chain(
            BaseChain("ports_output", NftHook.Output, NftPriority.DestinationNat + 1),
            // A connection to ::1 cannot leave the host, whatever becomes of its addresses.
            [.. PacketMatch.DestinationIn(NftFamily.Inet, IpPrefix.Host(IPAddress.IPv6Loopback)), new Immediate(NftVerdict.Return)],
            ToLocalAddress);
        yield return Chain(
            BaseChain("ports_postrouting", NftHook.Postrouting, NftPriority.SourceNat),
            Masqueraded(IpFamily.IPv4),
            Masqueraded(IpFamily.IPv6));
    }

    private static (NftChain Chain, NftRule[] Rules) Hairpin(IpPrefix subnet)
    {
        NftExpression[] neighbours = [.. PacketMatch.SourceIn(NftFamily.Inet, subnet), new MasqueradeStatement()];
        NftExpression[] localhost = [.. PacketMatch.SourceIn(NftFamily.Inet, Localhost), new MasqueradeStatement()];
        return Chain(new NftChain(Table, HairpinName(subnet)), subnet.IsIPv6 ? [neighbours] : [neighbours, localhost]);
    }

    /// <summary>The rules of the conditions that the kernel lacks. Those of other networks stand beside them.</summary>
    private List<NftRule> MissingConditions(NftClient nft)
    {
        if (conditions.Count == 0)
            return [];
        List<NftRule> present = nft.ListRules(Conditions);
        return
        [
            .. from entry in conditions
               from match in entry.Condition.Alternatives
               from target in (NftExpression[][])[ToHostPort(entry.Family, entry.Condition), ToPort(entry.Family, entry.Condition)]
               let rule = new NftRule(Conditions, [.. match, .. target])
               where !present.Exists(rule.HasSameExpressionsAs)
               select rule,
        ];
    }

    // ip daddr @service_addresses4 return
    private static NftExpression[] OfService(IpFamily family) =>
    [
        .. PacketMatch.DestinationAddress(NftFamily.Inet, family),
        new Lookup(ServiceAddresses.Set(family).Name),
        new Immediate(NftVerdict.Return),
    ];

    // dnat ip to ip daddr . meta l4proto . th dport map @host_ports4
    private static NftExpression[] ToHostPort(IpFamily family, PortCondition? condition)
    {
        int words = family.AddressType.Length / 4;
        return
        [
            .. PacketMatch.DestinationAddress(NftFamily.Inet, family),
            new Meta(MetaKey.TransportProtocol) { Register = NftRegisters.AtWord(words) },
            new Payload(PayloadBase.Transport, PortOffset, 2) { Register = NftRegisters.AtWord(words + 1) },
            .. Translate(family, HostPortMap(family, condition)),
        ];
    }

    // dnat ip to meta l4proto . th dport map @ports4; the kernel passes over it for packets of the other family (nft_nat_inet_eval,
    // net/netfilter/nft_nat.c).
    private static NftExpression[] ToPort(IpFamily family, PortCondition? condition) =>
    [
        new Meta(MetaKey.TransportProtocol),
        new Payload(PayloadBase.Transport, PortOffset, 2) { Register = NftRegisters.AtWord(1) },
        .. Translate(family, PortMap(family, condition)),
    ];

    private static NftExpression[] Translate(IpFamily family, NftSet map) =>
    [
        new Lookup(map.Name) { Destination = NftRegister.First },
        new Nat(NatType.Destination, family.NftFamily) { Port = NftRegisters.AtWord(family.AddressType.Length / 4) },
    ];

    // fib daddr type local jump ports
    private static NftExpression[] ToLocalAddress =>
    [
        new Fib(FibResult.AddressType, FibFlags.DestinationAddress),
        new Cmp(CmpOperation.Equal, NftValue.OfUInt32(RTN_LOCAL)),
        new Immediate(NftVerdict.Jump(Ports.Name)),
    ];

    // ct status dnat ip daddr vmap @published4
    private static NftExpression[] Masqueraded(IpFamily family) =>
    [
        .. PacketMatch.ConnectionStatus(CtStatus.DestinationNat),
        .. PacketMatch.DestinationAddress(NftFamily.Inet, family),
        Lookup.Verdict(Published(family).Name),
    ];

    private static (NftChain Chain, NftRule[] Rules) Chain(NftChain chain, params IEnumerable<NftExpression[]> rules) =>
        (chain, [.. rules.Select(rule => new NftRule(chain, rule))]);

    private static NftChain BaseChain(string name, NftHook hook, int priority) =>
        new(Table, name) { Base = new NftBaseChain("nat", hook, priority) };

    private static NftSet Map(string prefix, IpFamily family, PortCondition? condition, NftDataType keys) =>
        new(Table, $"{prefix}{family.Version}{(condition is null ? "" : $"_{condition.Id}")}", keys)
        {
            ValueType = NftDataType.Concat(family.AddressType, NftDataType.InetService),
        };

    private static IpPrefix Localhost => new(IPAddress.Parse("127.0.0.0"), 8);
}
