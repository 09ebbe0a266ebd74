using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Migration;

/// <summary>
/// What the reference's firewall lets pass: two rules for each address of a pod in CNI-FORWARD of iptables' filter tables. They name
/// nothing but the address, so only the DEL that knows it can remove them, and nothing of GC.
/// </summary>
internal static class ReferenceForwarding
{
    /// <summary>Of some addresses of one attachment.</summary>
    public static IEnumerable<IReferenceRules> Of(IEnumerable<IpPrefix> addresses) =>
        from address in addresses
        group address by address.Family.NftFamily into family
        select new ReferenceRules(
            [new NftChain(new NftTable(family.Key, "filter"), "CNI-FORWARD")],
            rule => family.Any(address => IsOf(rule, family.Key, address)));

    /// <summary>Only the very rules of the reference: an administrator's rule for the address is not one of them.</summary>
    private static bool IsOf(NftRule rule, NftFamily family, IpPrefix address)
    {
        IpPrefix host = IpPrefix.Host(address.Address);
        Immediate accept = new(NftVerdict.Accept);
        NftExpression[] parts = [.. rule.Expressions.Where(static expression => expression is not Counter)];
        return parts.SequenceEqual([.. PacketMatch.SourceIn(family, host), accept])
            || (parts is [.. var start, Match { Extension: "conntrack" }, var end]
                && start.SequenceEqual(PacketMatch.DestinationIn(family, host)) && end.Equals(accept));
    }
}
