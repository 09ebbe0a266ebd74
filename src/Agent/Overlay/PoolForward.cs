using Datapath.Rulesets;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Agent.Overlay;

/// <summary>
/// Lets pods' packets pass a host whose iptables-nft drops what it forwards, as docker and ufw have it: an accept in a table of ours does
/// not override a drop in theirs. In chain FORWARD there is a jump to a chain of ours, behind that to the operators' chain if there is one;
/// in ours there are <c>-s POOL -j ACCEPT</c> and <c>-d POOL -j ACCEPT</c>. All of it consists of the very expressions that iptables writes,
/// so that it lists and saves them. Where there is no chain FORWARD nothing is dropped, and nothing is made.
/// </summary>
/// <param name="nft">The ruleset.</param>
internal sealed class PoolForward(NftClient nft)
{
    /// <summary>Our chain.</summary>
    public const string ChainName = "CNI-OVERLAY";

    // The chain of operators, which the firewall plugin makes, too.
    private const string AdminChain = "CNI-ADMIN";

    private const int Attempts = 100;

    /// <summary>Makes the rules of both families as wanted.</summary>
    /// <returns>What was changed, for the log; null if nothing was.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public string? Reconcile(IReadOnlyList<IpPrefix> pools)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            NftBatch batch = new(nft.GetGeneration());
            string[] changes = [.. IpFamily.Both.Where(family => Complete(family, batch, pools)).Select(ProgramOf)];
            switch (nft.TryExecute(batch).FirstOrDefault())
            {
                case null:
                    return changes.Length == 0 ? null : $"chain {ChainName} of {string.Join(" and ", changes)}";
                case { Errno: Errno.ERESTART }:
                    break;
                case { } refusal:
                    throw refusal;
            }
        }
        throw new NetlinkException(Errno.EBUSY, $"complete chain {ChainName}", $"the ruleset changed during each of {Attempts} attempts");
    }

    private static string ProgramOf(IpFamily family) => family.IsIPv6 ? "ip6tables" : "iptables";

    /// <returns>Whether anything was missing.</returns>
    private bool Complete(IpFamily family, NftBatch batch, IReadOnlyList<IpPrefix> pools)
    {
        NftTable filter = new(family.NftFamily, "filter");
        if (nft.FindChain(filter, "FORWARD") is not { Base.Hook: NftHook.Forward } forward)
            return false;
        NftChain ours = new(filter, ChainName);
        NftRule[] wanted =
        [
            .. pools.Where(pool => pool.Family == family)
                .SelectMany(
                    pool => new[] { PacketMatch.SourceIn(family.NftFamily, pool), PacketMatch.DestinationIn(family.NftFamily, pool) })
                .Select(match => new NftRule(ours, [.. match, new Counter(), new Immediate(NftVerdict.Accept)])),
        ];
        List<NftRule> present = nft.ListRules(ours), forwarding = nft.ListRules(forward);
        NftRule jump = JumpTo(forward, ChainName);
        bool isJumpedTo = forwarding.Exists(rule => AreSame(rule, jump));
        bool isRight = present.Count == wanted.Length && present.Zip(wanted).All(static pair => AreSame(pair.First, pair.Second));
        // A host without pools of the family, such as one of IPv4 alone, needs no chain; one that it had stays, and empty.
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
        NftRule askAdmin = JumpTo(forward, AdminChain);
        if (forwarding.Find(rule => AreSame(rule, askAdmin)) is { } admin)
            batch.AddRule(jump, behind: admin.Handle);
        else
            batch.InsertRule(jump);
        return true;
    }

    // A rule of iptables counts.
    private static NftRule JumpTo(NftChain forward, string chain) => new(forward, [new Counter(), new Immediate(NftVerdict.Jump(chain))]);

    private static bool AreSame(NftRule rule, NftRule meant) => WithoutCounters(rule).SequenceEqual(WithoutCounters(meant));

    private static IEnumerable<NftExpression> WithoutCounters(NftRule rule) =>
        rule.Expressions.Where(static expression => expression is not Counter);
}
