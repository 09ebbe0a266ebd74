using Cni;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Datapath.Iptables;

/// <summary>
/// The two rules in a table of iptables-nft: <c>-A FORWARD -j CNI-ADMIN</c>, the chain in which operators keep rules that are asked first,
/// and <c>-A FORWARD -m mark --mark BIT/BIT -j ACCEPT</c>, in front of what docker, ufw or kube-proxy have there and of a policy of DROP.
/// Nothing else may go into these tables: iptables 1.8.9 lists and saves a set lookup as "accept all", and with <c>ct</c> the whole chain
/// is "incompatible" (tried), while these rules consist of the very expressions that iptables writes.
/// </summary>
/// <remarks>
/// A chain that is missing is made as iptables makes it, so that a docker that comes later, whose first deed is <c>iptables -P FORWARD
/// DROP</c>, finds the rules in it: otherwise the pods that run by then would be cut off. What operators have in their chain is never
/// touched.
/// </remarks>
/// <param name="family">Which of the two tables.</param>
/// <param name="mark">The bit.</param>
/// <param name="adminChain">The operators' chain.</param>
public sealed class IptablesForward(IpFamily family, uint mark, string adminChain) : INodeRuleset
{
    private NftTable Filter => new(family.NftFamily, "filter");

    private NftChain Forward => new(Filter, "FORWARD") { Base = new NftBaseChain("filter", NftHook.Forward, NftPriority.Filter) };

    private NftChain Admin => new(Filter, adminChain);

    // A rule of iptables counts.
    private NftRule AskAdmin => new(Forward, [new Counter(), new Immediate(NftVerdict.Jump(adminChain))]);

    private NftRule Accept => AcceptOf(Forward, mark);

    /// <summary>Looks for the rules anywhere in the chain: what an operator has put in front of them is meant to be there.</summary>
    public string? FindBroken(NftClient nft)
    {
        List<NftRule> rules = nft.ListRules(Forward);
        int accept = rules.FindIndex(IsAccept), ask = rules.FindIndex(IsAskAdmin);
        string? missing = accept < 0 ? $"-m mark --mark 0x{mark:x}/0x{mark:x} -j ACCEPT"
            : ask < 0 || ask > accept ? $"-j {adminChain}"
            : null;
        return missing is null || IsForeign(nft.FindChain(Filter, Forward.Name))
            ? null
            : $"rule \"-A FORWARD {missing}\" of {(family.IsIPv6 ? "ip6tables" : "iptables")} (chain {Forward})";
    }

    /// <inheritdoc/>
    /// <exception cref="CniException">The operators' chain is one that nothing can jump to.</exception>
    public void Complete(NftClient nft, NftBatch batch)
    {
        if (FindBroken(nft) is null)
            return;
        // Not added where it exists: that would change its policy.
        if (nft.FindChain(Filter, Forward.Name) is null)
            batch.AddTable(Filter).CreateChain(Forward);
        if (nft.FindChain(Filter, adminChain) is not { } admin)
            batch.CreateChain(Admin);
        else if (admin.Base is not null)
            throw NotJumpable(adminChain);
        List<NftRule> rules = nft.ListRules(Forward);
        int accept = rules.FindIndex(IsAccept), ask = rules.FindIndex(IsAskAdmin);
        if (accept < 0 && ask >= 0)
        {
            batch.AddRule(Accept, behind: rules[ask].Handle);
            return;
        }
        if (accept < 0)
            batch.InsertRule(Accept);
        batch.InsertRule(AskAdmin, before: accept < 0 ? 0 : rules[accept].Handle);
    }

    /// <summary>Puts the removal of the rule for a bit into a batch.</summary>
    public static void Withdraw(NftClient nft, NftBatch batch, IpFamily family, uint mark)
    {
        NftChain forward = new(new NftTable(family.NftFamily, "filter"), "FORWARD");
        foreach (NftRule rule in nft.ListRules(forward).Where(rule => AreSame(rule, AcceptOf(forward, mark))))
            batch.DeleteRule(rule);
    }

    private static NftRule AcceptOf(NftChain forward, uint mark) =>
        new(forward, [.. PacketMatch.Mark(mark, mark), new Counter(), new Immediate(NftVerdict.Accept)]);

    private bool IsAccept(NftRule rule) => AreSame(rule, Accept);

    private bool IsAskAdmin(NftRule rule) => AreSame(rule, AskAdmin);

    /// <summary>Compares without numbers of packets, and takes the rule of an operator who left the counter out, too.</summary>
    private static bool AreSame(NftRule rule, NftRule meant) => WithoutCounters(rule).SequenceEqual(WithoutCounters(meant));

    private static IEnumerable<NftExpression> WithoutCounters(NftRule rule) =>
        rule.Expressions.Where(static expression => expression is not Counter);

    /// <summary>A chain of that name that iptables would not touch: it forwards nothing, so there is nothing to let pass.</summary>
    private static bool IsForeign(NftChain? chain) => chain is not null and not { Base.Hook: NftHook.Forward };

    private static CniException NotJumpable(string chain) => CniException.InvalidConfig(
        $"iptablesAdminChainName is \"{chain}\", which is a chain that a hook calls and nothing can jump to; name another");
}
