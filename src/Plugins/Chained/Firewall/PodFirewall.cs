using System.Net;
using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;

namespace Plugins.Chained.Firewall;

/// <summary>What the <c>firewall</c> plugin has in nftables for an attachment.</summary>
/// <param name="nft">The ruleset of the node.</param>
/// <param name="tag">Of the attachment.</param>
internal sealed class PodFirewall(NftClient nft, AttachmentTag tag)
{
    private static IEnumerable<NftSet> Sets => [.. FirewallRuleset.Sets, IsolationRuleset.Ports];

    /// <summary>Lets the attachment's packets pass, as far as its policy goes.</summary>
    /// <exception cref="CniException">Another live attachment has an address or port.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void Add(FirewallSettings settings, FirewallSubject subject, UndoStack undo) =>
        _ = AttachmentElements.Add(nft, FirewallPart.For(settings, subject), tag, ElementsOf(subject), Contest, undo);

    /// <summary>Finds out whether the attachment's packets would pass.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public void Check(FirewallSettings settings, FirewallSubject subject) =>
        AttachmentElements.Check(nft, FirewallPart.For(settings, subject), tag, ElementsOf(subject));

    /// <summary>
    /// Finds the addresses that nobody has any more when the attachment is gone: those of its elements, which are searched for only if what
    /// is told leads to none.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<IPAddress> FindLast(FirewallSubject told)
    {
        Succession succession = Succession.Read(nft, told.Addresses.Select(static address => (SetOf(address), NftValue.Of(address))));
        IEnumerable<NftElement> LineOf(IPAddress address) => succession.LineOf(SetOf(address), NftValue.Of(address));
        return told.Addresses.Any(address => LineOf(address).Any(element => tag.IsIn(element.Comment)))
            ? [.. told.Addresses.Where(address => LineOf(address).All(element => tag.IsIn(element.Comment)))]
            : FindLast(nft, tag.IsIn);
    }

    /// <summary>Finds the addresses that nobody has any more when some attachments are gone.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="isMeant">Which, by the comments of their elements.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static IReadOnlyList<IPAddress> FindLast(NftClient nft, Predicate<string?> isMeant) =>
        [.. Attachments(nft).Where(address => address.All(comment => isMeant(comment))).Select(static address => address.Key)];

    /// <summary>Finds the addresses of attachments by the comments of their elements, among those of all pods.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static IReadOnlyList<IPAddress> FindAddresses(NftClient nft, Predicate<string?> isMeant) =>
        [.. Attachments(nft).Where(address => address.Any(comment => isMeant(comment))).Select(static address => address.Key)];

    /// <summary>Removes the attachment's elements; all elements are searched for the tag only if what is told leads to none.</summary>
    /// <returns>Whether it led to one.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool Remove(FirewallSubject told)
    {
        bool found = AttachmentElements.Remove(nft, tag, ElementsOf(told)).Count > 0;
        if (!found)
            RemoveWhere(nft, tag.IsIn);
        foreach (string own in told.Bridges)
            IsolationRuleset.RemoveBridge(nft, own, static () => true);
        return found;
    }

    /// <summary>Removes elements of attachments by their comments.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void RemoveWhere(NftClient nft, Predicate<string?> isGarbage) => _ = AttachmentElements.RemoveWhere(nft, Sets, isGarbage);

    /// <summary>The comments of those who have an address.</summary>
    private static ILookup<IPAddress, string?> Attachments(NftClient nft) => FirewallRuleset.Sets
        .SelectMany(set => AttachmentElements.List(nft, set))
        .ToLookup(FirewallRuleset.AddressOf, static element => element.Comment);

    private Contest Contest => new(
        (wanted, owner) => SharedAddress.IsFine(tag, wanted, owner),
        (wanted, owner) => SharedAddress.Refuse("let through", tag, wanted, owner));

    private static NftSet SetOf(IPAddress address) => FirewallRuleset.Pods(address.Family);

    private static AttachmentElement[] ElementsOf(FirewallSubject subject) =>
    [
        .. subject.Addresses.Select(
            static address => new AttachmentElement(SetOf(address), new NftElement(NftValue.Of(address)), IpText.Format(address))),
        .. subject.Ports.Select(
            static port => new AttachmentElement(IsolationRuleset.Ports, new NftElement(NftValue.InterfaceName(port)), port)),
    ];
}
