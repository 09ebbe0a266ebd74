using System.Net;
using System.Runtime.InteropServices;
using Datapath.Iptables;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Netfilter;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Firewall;

/// <summary>
/// What lets pods' packets pass a host that drops what it forwards. A chain in front of the filter hook sets a bit of the mark on what may
/// pass, who drops the rest lets through what has the bit (<see cref="IptablesForward"/>), and a chain behind clears it again. Pods are
/// elements of sets, so a packet costs the same however many there are:
/// <code>
/// table inet cniplugin {
///     set pods4 { type ipv4_addr; elements = { 10.1.0.5 comment "tag names" } }
///     chain forward_mark_hide { meta mark set meta mark &amp; 0xffffefff meta priority set meta priority ^ 4000:0 }
///     chain forward_mark_restore { meta mark set meta mark | 0x1000 meta priority set meta priority ^ 4000:0 accept }
///     chain forward_mark {
///         type filter hook forward priority filter - 1
///         meta mark &amp; 0x1000 == 0x1000 ip saddr @pods4 jump forward_mark_hide
///         meta mark &amp; 0x1000 == 0x1000 ip daddr @pods4 jump forward_mark_hide
///         ip saddr @pods4 meta mark set meta mark | 0x1000
///         ip daddr @pods4 ct state established,related meta mark set meta mark | 0x1000
///         ip daddr @pods4 ct status dnat meta mark set meta mark | 0x1000
///         the same for ip6 and @pods6
///     }
///     chain forward_unmark {
///         type filter hook forward priority filter + 1
///         meta priority &amp; 4000:0 == 4000:0 ip saddr @pods4 goto forward_mark_restore
///         meta mark &amp; 0x1000 == 0x1000 ip saddr @pods4 meta mark set meta mark &amp; 0xffffefff
///         the same for ip daddr, and for ip6 and @pods6
///     }
/// }
/// </code>
/// </summary>
/// <remarks>
/// The bit may be somebody else's: mwan3, kube-proxy or Calico mark what they please. A packet that no pod sends or receives keeps its mark
/// as it is. One of a pod that comes with the bit has it hidden between the two chains, where only what the first one says may count, and
/// gets it back behind. That it had it must be kept outside the mark, all of whose bits may mean something: for so long the highest bit
/// but one of the packet's priority is turned, which is the class of a queueing discipline 4000: to 7fff: or c000: to ffff: (TC_H_MAJ,
/// linux/pkt_sched.h), numbers that only a person would give, and that the kernel does not give before 16,384 others.
/// </remarks>
/// <param name="mark">The bit.</param>
internal sealed class FirewallRuleset(uint mark)
{
    // TC_H_MAJ(4000:)
    private const uint Reminder = 0x4000_0000;

    private static NftTable Table => NodeRuleset.TableOf(NftFamily.Inet);

    private static NftChain Hiding => new(Table, "forward_mark_hide");

    private static NftChain Restoring => new(Table, "forward_mark_restore");

    private static NftChain Marking => ForwardChain("forward_mark", NftPriority.Filter - 1);

    private static NftChain Unmarking => ForwardChain("forward_unmark", NftPriority.Filter + 1);

    /// <summary>The sets of pods' addresses.</summary>
    public static IReadOnlyList<NftSet> Sets => [.. IpFamily.Both.Select(Pods)];

    /// <summary>The chains with their rules.</summary>
    public IReadOnlyList<(NftChain Chain, NftRule[] Rules)> Chains =>
    [
        (Hiding, [new NftRule(Hiding, [.. Clear, .. TurnReminder])]),
        (Restoring, [new NftRule(Restoring, [.. Set, .. TurnReminder, new Immediate(NftVerdict.Accept)])]),
        (Marking, [.. IpFamily.Both.SelectMany(Hide), .. IpFamily.Both.SelectMany(Pass)]),
        (Unmarking, [.. IpFamily.Both.SelectMany(Restore), .. IpFamily.Both.SelectMany(TakeBack)]),
    ];

    /// <summary>The set of pods' addresses of a family.</summary>
    public static NftSet Pods(IpFamily family) =>
        new(Table, $"pods{family.Version}", family.AddressType);

    /// <summary>The address that an element of <see cref="Pods"/> is.</summary>
    public static IPAddress AddressOf(NftElement element) => new(element.Key.Bytes);

    /// <summary>The bit that packets are marked with now, whatever it should be; null if there is no such chain.</summary>
    public static uint? FindMark(NftClient nft) => nft.ListRules(Marking) switch
    {
        [{ Expressions: [Meta, Bitwise { Mask: { Length: sizeof(uint) } bit }, Cmp, ..] }, ..] => MemoryMarshal.Read<uint>(bit.Bytes),
        // As former versions began the chain: with the bit cleared on all packets.
        [{ Expressions: [Meta, Bitwise { Mask: { Length: sizeof(uint) } kept }, Meta] }, ..] => ~MemoryMarshal.Read<uint>(kept.Bytes),
        _ => null,
    };

    private NftExpression[] Clear => Change(MetaKey.Mark, keep: ~mark, turn: 0);

    private NftExpression[] Set => Change(MetaKey.Mark, keep: ~mark, turn: mark);

    private static NftExpression[] TurnReminder => Change(MetaKey.Priority, keep: uint.MaxValue, turn: Reminder);

    private static NftExpression[] IsReminded =>
        [new Meta(MetaKey.Priority), new Bitwise(NftValue.OfUInt32(Reminder)), new Cmp(CmpOperation.Equal, NftValue.OfUInt32(Reminder))];

    private IEnumerable<NftRule> Hide(IpFamily family) =>
        FromOrTo(family)
            .Select(
                match => new NftRule(Marking, [.. PacketMatch.Mark(mark, mark), .. match, new Immediate(NftVerdict.Jump(Hiding.Name))]));

    private IEnumerable<NftRule> Pass(IpFamily family)
    {
        NftExpression[] toPod = To(family);
        yield return new NftRule(Marking, [.. From(family), .. Set]);
        yield return new NftRule(Marking, [.. toPod, .. PacketMatch.ConnectionState(CtState.Established | CtState.Related), .. Set]);
        // Published ports: who has rewritten the destination to the pod wants the packet to arrive.
        yield return new NftRule(Marking, [.. toPod, .. PacketMatch.ConnectionStatus(CtStatus.DestinationNat), .. Set]);
    }

    private static IEnumerable<NftRule> Restore(IpFamily family) =>
        FromOrTo(family)
            .Select(static match => new NftRule(Unmarking, [.. IsReminded, .. match, new Immediate(NftVerdict.Goto(Restoring.Name))]));

    private IEnumerable<NftRule> TakeBack(IpFamily family) =>
        FromOrTo(family).Select(match => new NftRule(Unmarking, [.. PacketMatch.Mark(mark, mark), .. match, .. Clear]));

    private static NftExpression[][] FromOrTo(IpFamily family) => [From(family), To(family)];

    private static NftExpression[] From(IpFamily family) =>
        [.. PacketMatch.SourceAddress(NftFamily.Inet, family), new Lookup(Pods(family).Name)];

    private static NftExpression[] To(IpFamily family) =>
        [.. PacketMatch.DestinationAddress(NftFamily.Inet, family), new Lookup(Pods(family).Name)];

    private static NftExpression[] Change(MetaKey key, uint keep, uint turn) =>
        [new Meta(key), new Bitwise(NftValue.OfUInt32(keep), NftValue.OfUInt32(turn)), new Meta(key) { Sets = true }];

    private static NftChain ForwardChain(string name, int priority) =>
        new(Table, name) { Base = new NftBaseChain("filter", NftHook.Forward, priority) };
}
