using Netlink.Nftables;

namespace Plugins;

/// <summary>
/// The one rule in a table of iptables-nft: <c>-A FORWARD -m mark --mark BIT/BIT -j ACCEPT</c>, in front of what docker, ufw or kube-proxy
/// have there and of a policy of DROP. Nothing else may go into these tables: iptables 1.8.9 lists and saves a set lookup as "accept all",
/// and with <c>ct</c> the whole chain is "incompatible" (tried), while this rule consists of the very expressions that iptables writes.
/// </summary>
/// <remarks>
/// A chain that is missing is made as iptables makes it, so that a docker that comes later, whose first deed is <c>iptables -P FORWARD
/// DROP</c>, finds the rule in it: otherwise the pods that run by then would be cut off.
/// </remarks>
/// <param name="ipv6">Which of the two tables.</param>
/// <param name="mark">The bit.</param>
internal sealed class IptablesForward(bool ipv6, uint mark) : ISharedPart
{
    private NftTable Filter => new(ipv6 ? NftFamily.Ip6 : NftFamily.Ip, "filter");

    private NftChain Forward => new(Filter, "FORWARD") { Base = new NftBaseChain("filter", NftHook.Forward, NftPriority.Filter) };

    // A rule of iptables counts.
    private NftRule Accept => new(Forward, [.. PacketMatch.Mark(mark, mark), new Counter(), new Immediate(NftVerdict.Accept)]);

    /// <summary>Looks for the rule anywhere in the chain: what an operator has put in front of it is meant to be there.</summary>
    public string? FindBroken(NftClient nft) =>
        nft.ListRules(Forward).Exists(IsOurs) || IsForeign(nft.FindChain(Filter, Forward.Name))
            ? null
            : $"rule \"-A FORWARD -m mark --mark 0x{mark:x}/0x{mark:x} -j ACCEPT\" of {(ipv6 ? "ip6tables" : "iptables")} (chain {Forward})";

    /// <inheritdoc/>
    public void Complete(NftClient nft, NftBatch batch)
    {
        if (FindBroken(nft) is null)
            return;
        // Not added where it exists: that would change its policy.
        if (nft.FindChain(Filter, Forward.Name) is null)
            batch.AddTable(Filter).CreateChain(Forward);
        batch.InsertRule(Accept);
    }

    /// <summary>Puts the removal of the rule into a batch.</summary>
    public void Withdraw(NftClient nft, NftBatch batch)
    {
        foreach (NftRule rule in nft.ListRules(Forward).Where(IsOurs))
            batch.DeleteRule(rule);
    }

    /// <summary>Compares without numbers of packets, and takes the rule of an operator who left the counter out, too.</summary>
    private bool IsOurs(NftRule rule) => WithoutCounters(rule).SequenceEqual(WithoutCounters(Accept));

    private static IEnumerable<NftExpression> WithoutCounters(NftRule rule) => rule.Expressions.Where(static expression => expression is not Counter);

    /// <summary>A chain of that name that iptables would not touch: it forwards nothing, so there is nothing to let pass.</summary>
    private static bool IsForeign(NftChain? chain) => chain is not null and not { Base.Hook: NftHook.Forward };
}
