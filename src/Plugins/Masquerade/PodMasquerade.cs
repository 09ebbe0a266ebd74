using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;

namespace Plugins.Masquerade;

/// <summary>ipMasq: what pods send beyond their subnet leaves with the host's address. One map element per address of a pod.</summary>
internal static class PodMasquerade
{
    /// <summary>What DEL and GC do.</summary>
    public static AttachmentRules Rules => new(
        static (nft, gone) => Remove(nft, gone.Tag, gone.Own, gone.Told?.Addresses ?? []),
        static (nft, valid) => RemoveWhere(nft, valid.IsGarbage));

    /// <summary>Masquerades a pod's addresses.</summary>
    /// <param name="tag">Whose they are.</param>
    /// <param name="settings">How.</param>
    /// <param name="addresses">With the lengths of their subnets.</param>
    /// <param name="undo">Takes the elements away again.</param>
    /// <exception cref="CniException">Another live attachment has an address.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Add(AttachmentTag tag, MasqueradeSettings settings, IReadOnlyList<IpPrefix> addresses, UndoStack undo)
    {
        using NftClient nft = NftClient.Open();
        Contest contest = new(
            (wanted, owner) => SharedAddress.IsFine(tag, wanted, owner),
            (wanted, owner) => SharedAddress.Refuse("masqueraded", tag, wanted, owner));
        _ = AttachmentElements.Add(nft, MasqueradeRuleset.For(addresses, settings), tag, ElementsOf(addresses, settings), contest, undo);
    }

    /// <summary>Removes an attachment's elements. Nothing of another one's is touched, even if it has the addresses by now.</summary>
    /// <remarks>
    /// All elements are searched for the tag only if neither list leads to one: that costs the more the more pods there are.
    /// </remarks>
    /// <param name="nft">The ruleset.</param>
    /// <param name="tag">Whose they are.</param>
    /// <param name="own">What the attachment itself says to be its addresses; empty if it is gone.</param>
    /// <param name="told">What the runtime says; it may be out of date.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Remove(NftClient nft, AttachmentTag tag, IReadOnlyCollection<IpPrefix> own, IReadOnlyCollection<IpPrefix> told)
    {
        // What is told may be of an earlier ADD of the attachment, whose DEL was cut off.
        if (own.Count > 0)
            _ = TryRemove(nft, tag, [.. own.Union(told)]);
        else if (!TryRemove(nft, tag, told))
            RemoveWhere(nft, tag.IsIn);
    }

    /// <summary>Finds out whether a pod's traffic would be masqueraded.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public static void Check(AttachmentTag tag, MasqueradeSettings settings, IReadOnlyList<IpPrefix> addresses)
    {
        using NftClient nft = NftClient.Open();
        AttachmentElements.Check(nft, MasqueradeRuleset.For(addresses, settings), tag, ElementsOf(addresses, settings));
    }

    /// <returns>Whether there was one.</returns>
    private static bool TryRemove(NftClient nft, AttachmentTag tag, IReadOnlyCollection<IpPrefix> addresses) =>
        AttachmentElements.Remove(
            nft, tag, addresses.Select(static address => (MasqueradeRuleset.Map(address.Family), KeyOf(address)))).Count > 0;

    private static void RemoveWhere(NftClient nft, Predicate<string?> isGarbage) =>
        _ = AttachmentElements.RemoveWhere(nft, [.. IpFamily.Both.Select(MasqueradeRuleset.Map)], isGarbage);

    private static AttachmentElement[] ElementsOf(IReadOnlyList<IpPrefix> addresses, MasqueradeSettings settings) =>
    [
        .. addresses.Select(address => new AttachmentElement(
            MasqueradeRuleset.Map(address.Family),
            new NftElement(KeyOf(address)) { Verdict = NftVerdict.Goto(MasqueradeRuleset.ChainName(address, settings)) },
            IpText.Format(address.Address))),
    ];

    private static NftValue KeyOf(IpPrefix address) => NftValue.Of(address.Address);
}
