using System.Net;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Agent.Overlay;

/// <summary>
/// Lets the overlay's packets pass a host whose iptables-nft drops them, as docker and ufw have it: an accept in a table of ours does not
/// override a drop in theirs. Two chains of ours are jumped to, each behind the operators' chain if that is asked there:
/// <code>
/// -A FORWARD -j CNI-OVERLAY
/// -A CNI-OVERLAY -s POOL -j ACCEPT
/// -A CNI-OVERLAY -d POOL -j ACCEPT
/// -A INPUT -p udp -m udp --dport 4789 -j CNI-OVERLAY-IN
/// -A INPUT -p udp -m udp --dport 51820 -j CNI-OVERLAY-IN    where there is a WireGuard tunnel
/// -A CNI-OVERLAY-IN -s NODE -j ACCEPT
/// </code>
/// </summary>
/// <remarks>
/// All of it consists of the very expressions that iptables writes, so that it lists and saves them: no set, hence a rule for each node.
/// Where there is no chain FORWARD, or INPUT has no policy of DROP, nothing is made; what was made stays.
/// </remarks>
/// <param name="nft">The ruleset.</param>
internal sealed class IptablesPassage(NftClient nft)
{
    private const string ForwardChain = "CNI-OVERLAY";
    private const string InputChain = "CNI-OVERLAY-IN";

    // The chain of operators, which the firewall plugin makes, too.
    private const string AdminChain = "CNI-ADMIN";

    private const byte IPPROTO_UDP = 17; // linux/in.h

    /// <summary>Makes the rules of both families as wanted.</summary>
    /// <param name="pools">All addresses of pods.</param>
    /// <param name="peers">The addresses of all other nodes.</param>
    /// <param name="ports">The tunnels' UDP ports.</param>
    /// <returns>What was changed, for the log; null if nothing was.</returns>
    /// <exception cref="NetlinkException">The kernel refused; EBUSY if the ruleset did not stand still.</exception>
    public string? Reconcile(IReadOnlyList<IpPrefix> pools, IReadOnlyCollection<IPAddress> peers, IReadOnlyList<ushort> ports)
    {
        List<string> changes = [];
        RulesetChange.Apply(nft, $"complete chain {ForwardChain}", batch =>
        {
            changes.Clear();
            foreach (IpFamily family in IpFamily.Both)
            {
                IEnumerable<IpPrefix> ownPools = pools.Where(pool => pool.Family == family);
                if (Complete(batch, Forward(family), [], ForwardChain, ownPools.SelectMany(FromAndTo)))
                    changes.Add($"chain {ForwardChain} of {ProgramOf(family)}");
                IEnumerable<IPAddress> nodes = peers.Where(peer => peer.Family == family)
                    .OrderBy(static peer => peer.ToUInt128());
                // The second makes the chain anew if the first has.
                foreach (ushort port in ports)
                {
                    if (Complete(batch, Input(family), IsTunnel(port), InputChain, nodes.Select(From)))
                        changes.Add($"chain {InputChain} of {ProgramOf(family)}, port {port}");
                }
            }
        });
        return changes.Count == 0 ? null : string.Join(", ", changes);
    }

    private static NftExpression[] IsTunnel(ushort port) =>
    [
        .. PacketMatch.TransportProtocol(IPPROTO_UDP),
        new Payload(PayloadBase.Transport, 2, 2),
        new Cmp(CmpOperation.Equal, NftValue.Port(port)),
    ];

    private static IEnumerable<NftExpression[]> FromAndTo(IpPrefix pool) =>
        [PacketMatch.SourceIn(pool.Family.NftFamily, pool), PacketMatch.DestinationIn(pool.Family.NftFamily, pool)];

    private static NftExpression[] From(IPAddress node) => PacketMatch.SourceIn(node.Family.NftFamily, IpPrefix.Host(node));

    private static string ProgramOf(IpFamily family) => family.IsIPv6 ? "ip6tables" : "iptables";

    private static NftTable FilterOf(IpFamily family) => new(family.NftFamily, "filter");

    /// <summary>Null if nothing is forwarded by iptables' leave.</summary>
    private NftChain? Forward(IpFamily family) =>
        nft.FindChain(FilterOf(family), "FORWARD") is { Base.Hook: NftHook.Forward } chain ? chain : null;

    /// <summary>Null if what is for the host is not dropped as a rule.</summary>
    private NftChain? Input(IpFamily family) =>
        nft.FindChain(FilterOf(family), "INPUT") is { Base: { Hook: NftHook.Input, Policy: NftPolicy.Drop } } chain ? chain : null;

    /// <summary>Puts into a batch what a chain of iptables and one of ours lack.</summary>
    /// <param name="batch">Takes it.</param>
    /// <param name="hooked">The chain that is to jump to ours; null if nothing is to be done.</param>
    /// <param name="when">What is to jump.</param>
    /// <param name="name">The name of ours.</param>
    /// <param name="accepted">What ours accepts.</param>
    /// <returns>Whether anything was missing.</returns>
    private bool Complete(
        NftBatch batch, NftChain? hooked, NftExpression[] when, string name, IEnumerable<NftExpression[]> accepted)
    {
        if (hooked is null)
            return false;
        NftChain ours = new(hooked.Table, name);
        // A rule of iptables counts.
        NftRule[] wanted =
            [.. accepted.Select(match => new NftRule(ours, [.. match, new Counter(), new Immediate(NftVerdict.Accept)]))];
        List<NftRule> present = nft.ListRules(ours), asked = nft.ListRules(hooked);
        NftRule jump = new(hooked, [.. when, new Counter(), new Immediate(NftVerdict.Jump(name))]);
        bool isJumpedTo = asked.Exists(rule => AreSame(rule, jump));
        bool isRight = present.Count == wanted.Length && present.Zip(wanted).All(static pair => AreSame(pair.First, pair.Second));
        // A host without anything of the family needs no chain; one that it had stays, and empty.
        if (isRight && (isJumpedTo || wanted.Length == 0))
            return false;
        batch.AddChain(ours);
        if (!isRight)
        {
            batch.FlushChain(ours);
            foreach (NftRule rule in wanted)
                batch.AddRule(rule);
        }
        if (isJumpedTo)
            return true;
        NftRule askAdmin = new(hooked, [new Counter(), new Immediate(NftVerdict.Jump(AdminChain))]);
        if (asked.Find(rule => AreSame(rule, askAdmin)) is { } admin)
            batch.AddRule(jump, behind: admin.Handle);
        else
            batch.InsertRule(jump);
        return true;
    }

    private static bool AreSame(NftRule rule, NftRule meant) => WithoutCounters(rule).SequenceEqual(WithoutCounters(meant));

    private static IEnumerable<NftExpression> WithoutCounters(NftRule rule) =>
        rule.Expressions.Where(static expression => expression is not Counter);
}
