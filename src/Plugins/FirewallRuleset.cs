using System.Net;
using System.Runtime.InteropServices;
using Netlink.Nftables;

namespace Plugins;

/// <summary>
/// What lets pods' packets pass a host that drops what it forwards. A chain in front of the filter hook sets a bit of the mark on what may
/// pass, who drops the rest lets through what has the bit (<see cref="IptablesForward"/>), and a chain behind clears it again. Pods are
/// elements of sets, so a packet costs the same however many there are:
/// <code>
/// table inet cniplugin {
///     set pods4 { type ipv4_addr; elements = { 10.1.0.5 comment "tag names" } }
///     chain forward_mark {
///         type filter hook forward priority filter - 1
///         meta mark set meta mark &amp; 0xffffefff
///         ip saddr @pods4 meta mark set meta mark | 0x1000
///         ip daddr @pods4 ct state established,related meta mark set meta mark | 0x1000
///         ip daddr @pods4 ct status dnat meta mark set meta mark | 0x1000
///         the last three for ip6 and @pods6
///     }
///     chain forward_unmark { type filter hook forward priority filter + 1; meta mark set meta mark &amp; 0xffffefff }
/// }
/// </code>
/// </summary>
/// <param name="mark">The bit.</param>
internal sealed class FirewallRuleset(uint mark)
{
    private static NftTable Table => SharedRuleset.TableOf(NftFamily.Inet);

    private static NftChain Marking => ForwardChain("forward_mark", NftPriority.Filter - 1);

    private static NftChain Unmarking => ForwardChain("forward_unmark", NftPriority.Filter + 1);

    /// <summary>The sets of pods' addresses.</summary>
    public static IReadOnlyList<NftSet> Sets => [Pods(ipv6: false), Pods(ipv6: true)];

    /// <summary>The chains with their rules.</summary>
    public IReadOnlyList<(NftChain Chain, NftRule[] Rules)> Chains =>
    [
        // The bit may come with a packet, from another program: only what this chain says counts.
        (Marking, [Clear(Marking), .. Pass(ipv6: false), .. Pass(ipv6: true)]),
        (Unmarking, [Clear(Unmarking)]),
    ];

    /// <summary>The set of pods' addresses of a family.</summary>
    public static NftSet Pods(bool ipv6) => ipv6
        ? new NftSet(Table, "pods6", NftDataType.IPv6Address)
        : new NftSet(Table, "pods4", NftDataType.IPv4Address);

    /// <summary>The address that an element of <see cref="Pods"/> is.</summary>
    public static IPAddress AddressOf(NftElement element) => new(element.Key.Bytes);

    /// <summary>The bit that packets are marked with now, whatever it should be; null if there is no such chain.</summary>
    public static uint? FindMark(NftClient nft) =>
        nft.ListRules(Marking) is [{ Expressions: [Meta, Bitwise { Mask: { Length: sizeof(uint) } kept }, Meta] }, ..]
            ? ~MemoryMarshal.Read<uint>(kept.Bytes)
            : null;

    private IEnumerable<NftRule> Pass(bool ipv6)
    {
        Lookup isPod = new(Pods(ipv6).Name);
        NftExpression[] toPod = [.. PacketMatch.DestinationAddress(NftFamily.Inet, ipv6), isPod];
        yield return new NftRule(Marking, [.. PacketMatch.SourceAddress(NftFamily.Inet, ipv6), isPod, .. Set()]);
        yield return new NftRule(Marking, [.. toPod, .. PacketMatch.ConnectionState(CtState.Established | CtState.Related), .. Set()]);
        // Published ports: who has rewritten the destination to the pod wants the packet to arrive.
        yield return new NftRule(Marking, [.. toPod, .. PacketMatch.ConnectionStatus(CtStatus.DestinationNat), .. Set()]);
    }

    private NftRule Clear(NftChain chain) => new(chain, Change(keep: ~mark, turn: 0));

    private NftExpression[] Set() => Change(keep: ~mark, turn: mark);

    private static NftExpression[] Change(uint keep, uint turn) =>
        [new Meta(MetaKey.Mark), new Bitwise(NftValue.OfUInt32(keep), NftValue.OfUInt32(turn)), new Meta(MetaKey.Mark) { Sets = true }];

    private static NftChain ForwardChain(string name, int priority) =>
        new(Table, name) { Base = new NftBaseChain("filter", NftHook.Forward, priority) };
}
