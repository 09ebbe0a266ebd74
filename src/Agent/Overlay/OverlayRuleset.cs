using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Agent.Overlay;

/// <summary>
/// The overlay's table in nftables. Its rules are the same whatever nodes and blocks there are, which are elements of sets:
/// <code>
/// table inet cniplugin-overlay {
///     set peers4 { type ipv4_addr; elements = { 192.0.2.2 } }
///     set blocks4 { type ipv4_addr; flags interval; elements = { 10.244.1.0/26 } }
///     set pools4 { type ipv4_addr; flags interval; elements = { 10.244.0.0/16 } }
///     set wireguard { type inet_service; elements = { 51820 } }
///     chain input {
///         type filter hook input priority mangle
///         udp dport 4789 @th,96,24 0x434e49 ip saddr @peers4 accept
///         the same for ip6 and @peers6
///         udp dport 4789 @th,96,24 0x434e49 drop
///         udp dport @wireguard ip saddr @peers4 accept
///         the same for ip6 and @peers6
///         udp dport @wireguard drop
///     }
///     chain forward {
///         type filter hook forward priority mangle
///         oifname "cni-vx*" tcp flags syn / syn,rst tcp option maxseg size set rt mtu
///         iifname "cni-vx*" tcp flags syn / syn,rst tcp option maxseg size set rt mtu
///         the same for "cni-wg*"
///     }
///     chain postrouting {
///         type nat hook postrouting priority srcnat
///         ip saddr @blocks4 ip daddr != @pools4 ip daddr != 224.0.0.0/4 masquerade
///         the same for ip6 and ff00::/8
///     }
/// }
/// </code>
/// </summary>
/// <remarks>
/// The port of VXLAN is closed for our network number alone: somebody else may have tunnels at the same port. That of WireGuard is in its
/// set while a network uses it: it may be another tunnel's otherwise. What is dropped here stays dropped,
/// whoever accepts it elsewhere. Masquerade looks at addresses alone, never at a mark, and a packet inside a tunnel is another one than
/// that around it, so none is masqueraded twice (kubernetes issue 92035).
/// </remarks>
/// <param name="settings">Node and cluster.</param>
internal sealed class OverlayRuleset(OverlaySettings settings)
{
    private const byte IPPROTO_TCP = 6; // linux/in.h
    private const byte IPPROTO_UDP = 17;

    // struct tcphdr, linux/tcp.h: the flags are byte 13.
    private const int FlagsOffset = 13;
    private const byte Syn = 0x02;
    private const byte Rst = 0x04;

    /// <summary>The table.</summary>
    public static readonly NftTable Table = new(NftFamily.Inet, "cniplugin-overlay");

    private static NftChain Input =>
        new(Table, "input") { Base = new NftBaseChain("filter", NftHook.Input, NftPriority.Mangle) };

    private static NftChain Forward =>
        new(Table, "forward") { Base = new NftBaseChain("filter", NftHook.Forward, NftPriority.Mangle) };

    private static NftChain Postrouting =>
        new(Table, "postrouting") { Base = new NftBaseChain("nat", NftHook.Postrouting, NftPriority.SourceNat) };

    /// <summary>All of it but the elements.</summary>
    public NodeRuleset Rules { get; } = new(
        Table,
        [.. IpFamily.Both.SelectMany(static family => new[] { Peers(family), Blocks(family), Pools(family) }), WireGuardPorts],
        [
            (Input, [.. ForPeersAlone(IsTunnel(settings)), .. ForPeersAlone(IsWireGuard)]),
            (Forward, [.. Clamp(TunnelDevice.NamePrefix), .. Clamp(WireGuardTunnel.NamePrefix)]),
            (Postrouting, [.. IpFamily.Both.Select(Leave)]),
        ]);

    /// <summary>Who may send packets into the tunnel.</summary>
    public static NftSet Peers(IpFamily family) => new(Table, $"peers{family.Version}", family.AddressType);

    /// <summary>Whose packets are masqueraded.</summary>
    public static NftSet Blocks(IpFamily family) => Intervals("blocks", family);

    /// <summary>To whom they are not.</summary>
    public static NftSet Pools(IpFamily family) => Intervals("pools", family);

    /// <summary>The UDP port of WireGuard, if it is used.</summary>
    public static NftSet WireGuardPorts => new(Table, "wireguard", NftDataType.InetService);

    private static NftSet Intervals(string name, IpFamily family) =>
        new(Table, $"{name}{family.Version}", family.AddressType) { Flags = NftSetFlags.Interval };

    private static NftExpression[] IsWireGuard =>
    [
        .. PacketMatch.TransportProtocol(IPPROTO_UDP),
        new Payload(PayloadBase.Transport, 2, 2),
        new Lookup(WireGuardPorts.Name),
    ];

    private static IEnumerable<NftRule> ForPeersAlone(NftExpression[] match) =>
    [
        .. IpFamily.Both.Select(family => Rule(Input, [.. match, .. IsPeer(family)], NftVerdict.Accept)),
        Rule(Input, match, NftVerdict.Drop),
    ];

    private static NftRule Rule(NftChain chain, NftExpression[] match, NftVerdict verdict) =>
        new(chain, [.. match, new Immediate(verdict)]);

    // struct udphdr (linux/udp.h): dest at 2, 8 bytes in all; struct vxlanhdr (net/vxlan.h): the network number at 4, 3 bytes.
    private static NftExpression[] IsTunnel(OverlaySettings settings) =>
    [
        .. PacketMatch.TransportProtocol(IPPROTO_UDP),
        new Payload(PayloadBase.Transport, 2, 2),
        new Cmp(CmpOperation.Equal, NftValue.Port(settings.Port)),
        new Payload(PayloadBase.Transport, 12, 3),
        new Cmp(
            CmpOperation.Equal, new NftValue([(byte)(settings.Vni >> 16), (byte)(settings.Vni >> 8), (byte)settings.Vni])),
    ];

    private static NftExpression[] IsPeer(IpFamily family) =>
        [.. PacketMatch.SourceAddress(NftFamily.Inet, family), new Lookup(Peers(family).Name)];

    private static NftRule[] Clamp(string names) =>
        [Clamp(MetaKey.OutputInterfaceName, names), Clamp(MetaKey.InputInterfaceName, names)];

    private static NftRule Clamp(MetaKey side, string names) => new(
        Forward,
        [
            new Meta(side),
            // Without a NUL behind it: what begins so.
            new Cmp(CmpOperation.Equal, NftValue.InterfaceName(names).Slice(0, names.Length)),
            .. PacketMatch.TransportProtocol(IPPROTO_TCP),
            new Payload(PayloadBase.Transport, FlagsOffset, 1),
            new Bitwise(NftValue.OfByte(Syn | Rst)),
            new Cmp(CmpOperation.Equal, NftValue.OfByte(Syn)),
            new Rt(RtKey.TcpMss),
            new Byteorder(ByteorderDirection.HostToNetwork, 2, 2),
            // TCPOPT_MAXSEG: kind, length, two bytes of size.
            new Exthdr(ExthdrProtocol.Tcp, 2, 2, 2) { Sets = true },
        ]);

    private static NftRule Leave(IpFamily family)
    {
        NftExpression[] destination = PacketMatch.DestinationAddress(NftFamily.Inet, family);
        NftExpression[] isMulticast = family.IsIPv6
            ? [new Payload(PayloadBase.Network, 24, 1), new Cmp(CmpOperation.NotEqual, NftValue.OfByte(0xff))]
            : [
                destination[^1],
                new Bitwise(new NftValue([0xf0, 0, 0, 0])),
                new Cmp(CmpOperation.NotEqual, new NftValue([224, 0, 0, 0])),
            ];
        return new NftRule(
            Postrouting,
            [
                .. PacketMatch.SourceAddress(NftFamily.Inet, family),
                new Lookup(Blocks(family).Name),
                destination[^1],
                new Lookup(Pools(family).Name) { IsInverted = true },
                .. isMulticast,
                new Masquerade(),
            ]);
    }
}
