using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>What the elements of all pods rest on, and what stays when the last of them has gone.</summary>
public interface INodeRuleset
{
    /// <summary>
    /// The first thing that is not as it should be, as people call it: <c>chain inet cniplugin postrouting</c>; null if all is.
    /// </summary>
    string? FindBroken(NftClient nft);

    /// <summary>Puts into a batch whatever the kernel lacks.</summary>
    /// <param name="nft">Where to look; the batch must be bound to the generation that is seen.</param>
    /// <param name="batch">Takes the missing parts.</param>
    void Complete(NftClient nft, NftBatch batch);
}
