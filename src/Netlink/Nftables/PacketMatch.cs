using Linux.Addresses;
using Netlink.Netfilter;
using Netlink.Nftables.Expressions;

namespace Netlink.Nftables;

/// <summary>
/// The matches that rules begin with, in the expressions that nft itself makes of them, so that nft lists them as they were meant.
/// Each takes the family of the table, because only some families can meet both kinds of IP packets.
/// </summary>
public static class PacketMatch
{
    private const byte NFPROTO_IPV4 = 2; // linux/netfilter.h
    private const byte NFPROTO_IPV6 = 10;
    private const ushort ETH_P_IP = 0x0800; // linux/if_ether.h
    private const ushort ETH_P_IPV6 = 0x86dd;

    /// <summary>IPv4 or IPv6 (<c>meta nfproto</c>, <c>meta protocol</c>); nothing where the table sees only one.</summary>
    public static NftExpression[] NetworkProtocol(NftFamily table, IpFamily family) => table switch
    {
        NftFamily.Ip or NftFamily.Ip6 => [],
        NftFamily.Inet => [new Meta(MetaKey.NetfilterProtocol), Equal(NftValue.OfByte(family.IsIPv6 ? NFPROTO_IPV6 : NFPROTO_IPV4))],
        _ => [new Meta(MetaKey.Protocol), Equal(NftValue.Port(family.IsIPv6 ? ETH_P_IPV6 : ETH_P_IP))],
    };

    /// <summary>Loads the source address of packets of one protocol into the first register.</summary>
    public static NftExpression[] SourceAddress(NftFamily table, IpFamily family) =>
        [.. NetworkProtocol(table, family), Address(family, isSource: true)];

    /// <summary>Loads the destination address of packets of one protocol into the first register.</summary>
    public static NftExpression[] DestinationAddress(NftFamily table, IpFamily family) =>
        [.. NetworkProtocol(table, family), Address(family, isSource: false)];

    /// <summary>The source lies in a prefix (<c>ip saddr 10.1.0.0/16</c>).</summary>
    public static NftExpression[] SourceIn(NftFamily table, IpPrefix prefix) =>
        [.. NetworkProtocol(table, prefix.Family), .. InPrefix(Address(prefix.Family, isSource: true), prefix)];

    /// <summary>The destination lies in a prefix (<c>ip daddr 10.1.0.0/16</c>).</summary>
    public static NftExpression[] DestinationIn(NftFamily table, IpPrefix prefix) =>
        [.. NetworkProtocol(table, prefix.Family), .. InPrefix(Address(prefix.Family, isSource: false), prefix)];

    /// <summary>The transport protocol (<c>meta l4proto</c>), IPPROTO_*.</summary>
    public static NftExpression[] TransportProtocol(byte protocol) =>
        [new Meta(MetaKey.TransportProtocol), Equal(NftValue.OfByte(protocol))];

    /// <summary>Some bits of the packet's mark have a value (<c>meta mark and mask == value</c>).</summary>
    public static NftExpression[] Mark(uint mask, uint value) =>
        [new Meta(MetaKey.Mark), new Bitwise(NftValue.OfUInt32(mask)), Equal(NftValue.OfUInt32(value))];

    /// <summary>The packet came in by an interface (<c>iifname</c>).</summary>
    public static NftExpression[] InputInterface(string name) =>
        [new Meta(MetaKey.InputInterfaceName), Equal(NftValue.InterfaceName(name))];

    /// <summary>The packet goes out by an interface (<c>oifname</c>).</summary>
    public static NftExpression[] OutputInterface(string name) =>
        [new Meta(MetaKey.OutputInterfaceName), Equal(NftValue.InterfaceName(name))];

    /// <summary>The packet is in one of some states of its connection (<c>ct state established,related</c>).</summary>
    public static NftExpression[] ConnectionState(CtState states) => AnyBit(CtKey.State, (uint)states);

    /// <summary>The packet's connection has one of some status bits (<c>ct status dnat</c>).</summary>
    public static NftExpression[] ConnectionStatus(CtStatus status) => AnyBit(CtKey.Status, (uint)status);

    private static Cmp Equal(NftValue value) => new(CmpOperation.Equal, value);

    private static NftExpression[] AnyBit(CtKey key, uint bits) =>
        [new Ct(key), new Bitwise(NftValue.OfUInt32(bits)), new Cmp(CmpOperation.NotEqual, NftValue.OfUInt32(0))];

    // struct iphdr (linux/ip.h): saddr at 12, daddr at 16; struct ipv6hdr (linux/ipv6.h): saddr at 8, daddr at 24.
    private static Payload Address(IpFamily family, bool isSource) => family.IsIPv6
        ? new Payload(PayloadBase.Network, isSource ? 8 : 24, 16)
        : new Payload(PayloadBase.Network, isSource ? 12 : 16, 4);

    private static NftExpression[] InPrefix(Payload address, IpPrefix prefix)
    {
        NftValue network = NftValue.Of(prefix.Network);
        // Whole bytes are compared alone; nft reads that back as a prefix.
        return prefix.Length switch
        {
            0 => [],
            _ when prefix.Length % 8 == 0 => [address with { Length = prefix.Length / 8 }, Equal(network.Slice(0, prefix.Length / 8))],
            _ => [address, new Bitwise(NftValue.PrefixMask(prefix)), Equal(network)],
        };
    }
}
