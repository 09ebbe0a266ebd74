using Linux;
using Netlink;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>A change of the ruleset that depends on what stands there: both are one step, or it is done again.</summary>
public static class RulesetChange
{
    // Each attempt fails only because somebody else changed the ruleset in the tens of microseconds since it was read.
    private const int Attempts = 100;

    /// <summary>Reads and changes until nobody else has changed anything in between (NFTA_GEN_ID of the batch).</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="purpose">What it is for, as the message of an error begins: <c>complete table inet cniplugin</c>.</param>
    /// <param name="fill">Looks, and puts into the batch what follows; called again for each attempt.</param>
    /// <exception cref="NetlinkException">The kernel refused; EBUSY if the ruleset did not stand still.</exception>
    public static void Apply(NftClient nft, string purpose, Action<NftBatch> fill)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            NftBatch batch = new(nft.GetGeneration());
            fill(batch);
            switch (nft.TryExecute(batch).FirstOrDefault())
            {
                case null:
                    return;
                case { Errno: Errno.ERESTART }:
                    break;
                case { } refusal:
                    throw refusal;
            }
        }
        throw new NetlinkException(Errno.EBUSY, purpose, $"the ruleset changed during each of {Attempts} attempts");
    }
}
