using Datapath.Iptables;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;

namespace Plugins.Chained.Firewall;

/// <summary>All that the pods of the <c>firewall</c> plugin share, in our tables and in those of iptables.</summary>
internal sealed class FirewallPart : INodeRuleset
{
    private readonly uint _mark;
    private readonly IReadOnlyList<INodeRuleset> _parts;

    private FirewallPart(uint mark, IReadOnlyList<INodeRuleset> parts) => (_mark, _parts) = (mark, parts);

    /// <summary>The part that an attachment needs.</summary>
    public static FirewallPart For(FirewallSettings settings, FirewallSubject subject) => new(
        settings.Mark,
        [
            new NodeRuleset(NodeRuleset.TableOf(NftFamily.Inet), FirewallRuleset.Sets, new FirewallRuleset(settings.Mark).Chains),
            new IsolationRuleset(settings.Policy, subject.Bridges),
            .. subject.Addresses.Select(static address => address.Family)
                .Distinct()
                .Select(family => new IptablesForward(family, settings.Mark, settings.AdminChain)),
        ]);

    /// <inheritdoc/>
    public string? FindBroken(NftClient nft) =>
        _parts.Select(part => part.FindBroken(nft)).FirstOrDefault(static broken => broken is not null);

    /// <inheritdoc/>
    public void Complete(NftClient nft, NftBatch batch)
    {
        // Nobody clears the former bit any more.
        if (FirewallRuleset.FindMark(nft) is { } former && former != _mark)
        {
            foreach (IpFamily family in IpFamily.Both)
                IptablesForward.Withdraw(nft, batch, family, former);
        }
        foreach (INodeRuleset part in _parts)
            part.Complete(nft, batch);
    }
}
