using Cni;
using Datapath.Attachments;
using Netlink.Nftables;
using Netlink.Route;

namespace Datapath.Rulesets;

/// <summary>
/// An address that two attachments have at once. In networks that never meet that is right (tenants whose subnets overlap), and one element
/// does for both. It is none where packets of the two would meet: in one network, on one bridge, or on links that the host itself routes
/// to.
/// </summary>
public static class SharedAddress
{
    /// <summary>Whether one element does for both.</summary>
    public static bool IsFine(AttachmentTag tag, AttachmentElement wanted, NftElement owner) => Problem(tag, wanted, owner) is null;

    /// <summary>Makes the error where it does not.</summary>
    /// <param name="what">What the address has been given: <c>masqueraded</c>.</param>
    /// <param name="tag">Who wants it, too.</param>
    /// <param name="wanted">The element.</param>
    /// <param name="owner">The other attachment's.</param>
    public static CniException Refuse(string what, AttachmentTag tag, AttachmentElement wanted, NftElement owner) => new(
        CniErrorCode.AlreadyExists,
        $"network {tag.Network}: the address {wanted.Name} is {what} for another container that is alive "
        + $"({ElementOwner.Describe(owner.Comment)}); "
            + (Problem(tag, wanted, owner) ?? "that has changed meanwhile; try again"));

    private static string? Problem(AttachmentTag tag, AttachmentElement wanted, NftElement owner)
    {
        if (tag.IsOfSameNetwork(owner.Comment))
            return "run DEL for that one, or give this one another address";
        if (owner with { Comment = null } != wanted.Element)
        {
            return $"the two networks treat it differently ({owner}, {wanted.Element}); give them subnets that do not overlap, or the same "
                + "settings";
        }
        return Meet(tag.HostInterfaceName, AttachmentTag.HostInterfaceNameOf(AttachmentTag.Find(owner.Comment!)!))
            ? "the two networks share a bridge or the host's own routes, so their addresses must not overlap"
            : null;
    }

    /// <summary>
    /// Whether two host ends are ports of the same device (a bridge, a VRF), or of none. Interfaces without a host end do not meet.
    /// </summary>
    private static bool Meet(string one, string other)
    {
        using RouteClient host = RouteClient.Open();
        return host.FindLink(one) is { } a && host.FindLink(other) is { } b && a.MasterIndex == b.MasterIndex;
    }
}
