using Cni;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>What becomes of an element that an attachment wants and another living one has.</summary>
/// <param name="IsShared">Whether it is right that it stays where it is and passes over when its owner goes.</param>
/// <param name="Refuse">Makes the error if it is not, and the owner does not go in time.</param>
public sealed record Contest(Func<AttachmentElement, NftElement, bool> IsShared, Func<AttachmentElement, NftElement, CniException> Refuse)
{
    /// <summary>
    /// How long an ADD waits for the owner's DEL. Runtimes that replace a container start the next one while they still take the last one
    /// down, which takes a second or two.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A contest for what two living attachments never have in common.</summary>
    public static Contest Unshared(Func<AttachmentElement, NftElement, CniException> refuse) => new(static (_, _) => false, refuse);
}
