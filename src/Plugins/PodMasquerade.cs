using Cni;
using Linux;
using Netlink;
using Netlink.Nftables;
using Netlink.Route;

namespace Plugins;

/// <summary>ipMasq: what pods send beyond their subnet leaves with the host's address. One map element per address of a pod.</summary>
internal static class PodMasquerade
{
    // Each attempt fails only because somebody else changed the ruleset in the tens of microseconds since it was read.
    private const int Attempts = 100;

    /// <summary>Masquerades a pod's addresses.</summary>
    /// <remarks>
    /// As a rule the shared part stands and one batch creates the elements. Only where something is missing, or another attachment's
    /// element is in the way, the ruleset is read and changed as one step: the kernel refuses the batch (ERESTART) if the ruleset is no
    /// longer the one that was read.
    /// </remarks>
    /// <param name="tag">Whose they are.</param>
    /// <param name="addresses">With the lengths of their subnets.</param>
    /// <param name="undo">Takes the elements away again.</param>
    /// <exception cref="CniException">Another live attachment has an address.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Add(AttachmentTag tag, IReadOnlyList<IpPrefix> addresses, UndoStack undo)
    {
        using NftClient nft = NftClient.Open();
        undo.Push("stop masquerading", () =>
        {
            using NftClient own = NftClient.Open();
            _ = TryRemove(own, tag, addresses);
        });
        bool stands = MasqueradeRuleset.FindBroken(nft, addresses) is null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            NftBatch batch = new(stands ? null : nft.GetGeneration());
            if (!stands)
            {
                MasqueradeRuleset.Complete(nft, batch, addresses);
                DeleteStale(nft, batch, tag, addresses);
            }
            foreach (IpPrefix address in addresses)
                batch.CreateElements(MasqueradeRuleset.Map(address.IsIPv6), ElementOf(tag, address));
            NetlinkException? refusal = nft.TryExecute(batch).FirstOrDefault();
            if (refusal is null)
                return;
            if (!stands && refusal.Errno != Errno.ERESTART)
                throw refusal;
            stands = false;
        }
        throw new CniException(CniErrorCode.TryAgainLater, $"the nftables ruleset changed during each of {Attempts} attempts to add to it");
    }

    /// <summary>Removes an attachment's elements. Nothing of another one's is touched, even if it has the addresses by now.</summary>
    /// <remarks>All elements are searched for the tag only if neither list leads to one: that costs the more the more pods there are.</remarks>
    /// <param name="nft">To be closed late: the kernel makes that wait until what was deleted is free, 10 ms and more.</param>
    /// <param name="tag">Whose they are.</param>
    /// <param name="own">What the attachment itself says to be its addresses; empty if it is gone.</param>
    /// <param name="told">What the runtime says; it may be out of date.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Remove(NftClient nft, AttachmentTag tag, IReadOnlyCollection<IpPrefix> own, IReadOnlyCollection<IpPrefix> told)
    {
        if (own.Count > 0)
            _ = TryRemove(nft, tag, own);
        else if (!TryRemove(nft, tag, told))
            RemoveWhere(nft, comment => AttachmentTag.Find(comment) == tag.Text);
    }

    /// <returns>Whether there was one.</returns>
    private static bool TryRemove(NftClient nft, AttachmentTag tag, IReadOnlyCollection<IpPrefix> addresses)
    {
        bool found = false;
        foreach (IGrouping<bool, IpPrefix> family in addresses.GroupBy(static address => address.IsIPv6))
        {
            NftValue[] keys = [.. family.Select(static address => KeyOf(address)).Distinct()];
            found |= nft.DeleteElements(MasqueradeRuleset.Map(family.Key), keys, element => IsOf(tag, element)).Count > 0;
        }
        return found;
    }

    /// <summary>Removes the elements of a network's attachments that are no longer valid.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void RemoveAllBut(ValidTags valid)
    {
        using NftClient nft = NftClient.Open();
        RemoveWhere(nft, valid.IsGarbage);
    }

    /// <summary>Finds out whether a pod's traffic would be masqueraded.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public static void Check(AttachmentTag tag, IReadOnlyList<IpPrefix> addresses)
    {
        using NftClient nft = NftClient.Open();
        if (MasqueradeRuleset.FindBroken(nft, addresses) is { } chain)
            throw new CniException(CniErrorCode.CheckFailed, $"nftables chain {chain} is missing or was changed; the next ADD restores it");
        foreach (IpPrefix address in addresses)
        {
            NftSet map = MasqueradeRuleset.Map(address.IsIPv6);
            if (nft.FindElement(map, KeyOf(address)) is not { } element || !IsOf(tag, element))
                throw new CniException(CniErrorCode.CheckFailed, $"nftables map {map} has no element {IpText.Format(address.Address)} of this container");
        }
    }

    private static void RemoveWhere(NftClient nft, Predicate<string> isGarbage)
    {
        foreach (bool ipv6 in (bool[])[false, true])
        {
            NftSet map = MasqueradeRuleset.Map(ipv6);
            bool IsGarbage(NftElement element) => element.Comment is { } comment && isGarbage(comment);
            NftValue[] keys = [.. nft.ListElements(map).Where(IsGarbage).Select(static element => element.Key)];
            if (keys.Length > 0)
                _ = nft.DeleteElements(map, keys, IsGarbage);
        }
    }

    /// <summary>An address has come to us, so whoever has an element of it is gone, or two networks use the same addresses.</summary>
    private static void DeleteStale(NftClient nft, NftBatch batch, AttachmentTag tag, IReadOnlyList<IpPrefix> addresses)
    {
        foreach (IpPrefix address in addresses)
        {
            NftSet map = MasqueradeRuleset.Map(address.IsIPv6);
            if (nft.FindElement(map, KeyOf(address)) is not { } element)
                continue;
            if (!IsOf(tag, element) && IsAlive(element))
            {
                throw new CniException(
                    CniErrorCode.AlreadyExists,
                    $"the address {IpText.Format(address.Address)} is masqueraded for another container that is alive ({element.Comment}); networks whose addresses overlap cannot both use ipMasq");
            }
            batch.DeleteElements(map, element);
        }
    }

    private static bool IsAlive(NftElement element)
    {
        if (AttachmentTag.Find(element.Comment ?? "") is not { } tag)
            return false;
        using RouteClient host = RouteClient.Open();
        return host.FindLink(AttachmentTag.HostInterfaceNameOf(tag)) is not null;
    }

    private static NftElement ElementOf(AttachmentTag tag, IpPrefix address) => new(KeyOf(address))
    {
        Verdict = NftVerdict.Goto(MasqueradeRuleset.ChainName(address)),
        Comment = tag.Comment(),
    };

    private static bool IsOf(AttachmentTag tag, NftElement element) => AttachmentTag.Find(element.Comment ?? "") == tag.Text;

    private static NftValue KeyOf(IpPrefix address) => NftValue.Of(address.Address);
}
