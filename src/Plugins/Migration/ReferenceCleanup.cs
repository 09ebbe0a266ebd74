using Cni;
using Datapath.Attachments;
using Datapath.Iptables;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>
/// What the reference's plugins left in nftables, or in iptables that writes there, when a node was switched to ours while pods ran.
/// Removed without their programs: the kernel is asked for a few chains by name, and only where one exists rules are read.
/// </summary>
internal static class ReferenceCleanup
{
    // Each attempt fails only because somebody else changed the ruleset while it was being read.
    private const int Attempts = 100;

    /// <summary>What its bridge leaves.</summary>
    public static AttachmentRules OfBridge => new(
        static (nft, gone) => RemoveMasquerade(nft, gone, ReferenceSpoofCheck.Of(gone.Call.Attachment)),
        RemoveMasquerade);

    /// <summary>What its ptp leaves.</summary>
    public static AttachmentRules OfPtp => new(static (nft, gone) => RemoveMasquerade(nft, gone), RemoveMasquerade);

    /// <summary>Removes what its portmap leaves of an attachment.</summary>
    /// <param name="nft">The host's ruleset.</param>
    /// <param name="call">The attachment's DEL.</param>
    /// <param name="addresses">The attachment's addresses as far as they are known.</param>
    /// <param name="mayBeLegacy">Whether ports were published that ours does not know, so that iptables-legacy may hold them.</param>
    /// <returns>Whether its portmap has published ports on this node by nftables, and maybe these.</returns>
    public static bool RemovePortMappings(NftClient nft, CniInvocation call, IReadOnlyCollection<IpPrefix> addresses, bool mayBeLegacy)
    {
        bool found = Remove(nft, [.. ReferencePortMappings.Of(call, addresses)]);
        if (mayBeLegacy)
            WarnOfLegacyTable(call, "nat");
        return found;
    }

    /// <summary>Removes what its portmap leaves of a network's attachments that are no longer valid.</summary>
    public static void RemovePortMappingsAllBut(NftClient nft, CniInvocation call)
    {
        Remove(nft, [.. ReferencePortMappings.AllBut(call)]);
        WarnOfLegacyTable(call, "nat");
    }

    /// <summary>Removes all that some kinds name, or nothing.</summary>
    /// <param name="nft">The host's ruleset.</param>
    /// <param name="kinds">What to look for.</param>
    /// <returns>Whether one of the chains is there by which they are found.</returns>
    /// <exception cref="NetlinkException">The kernel refused; EBUSY if the ruleset did not stand still.</exception>
    public static bool Remove(NftClient nft, params IReadOnlyList<IReferenceRules> kinds)
    {
        NftChain[] signs = [.. kinds.SelectMany(static kind => kind.Signs)];
        if (signs.Length == 0)
            return false;
        bool keepsChains = false;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            (uint generation, List<NftChain> found) = nft.FindChains(signs);
            if (found.Count == 0)
                return false;
            HashSet<string> names = [.. found.Select(static chain => chain.ToString())];
            NftBatch batch = new(generation);
            ReferenceRemoval removal = new(nft, batch, keepsChains);
            foreach (IReferenceRules kind in kinds)
            {
                NftChain[] present = [.. kind.Signs.Where(sign => names.Contains(sign.ToString()))];
                if (present.Length > 0)
                    kind.Remove(removal, present);
            }
            NetlinkException? refusal = nft.TryExecute(batch).FirstOrDefault();
            switch (refusal?.Errno)
            {
                case null:
                    return true;
                case Errno.ERESTART:
                    break;
                case Errno.EBUSY when !keepsChains:
                    // A rule that somebody else wrote jumps to a chain of the reference's: that rule is not ours to delete.
                    keepsChains = true;
                    break;
                default:
                    throw refusal;
            }
        }
        throw new NetlinkException(
            Errno.EBUSY, "remove what the reference's plugins left", $"the ruleset changed during each of {Attempts} attempts");
    }

    /// <summary>
    /// Tells the operator that rules may be left in a table of iptables-legacy, which netlink does not reach.
    /// </summary>
    /// <param name="call">Whose DEL or GC it is.</param>
    /// <param name="table">The table that the plugin used: <c>nat</c>, <c>filter</c>.</param>
    public static void WarnOfLegacyTable(CniInvocation call, string table)
    {
        if (LegacyXtables.Tables().Contains(table))
        {
            call.Warn(
                $"iptables-legacy has a {table} table here, which cannot be cleaned over netlink: what the reference's plugins left of "
                + $"{call.Network} in it stays; 'iptables-legacy -t {table} -S' shows it as CNI- chains, a reboot ends it");
        }
    }

    private static void RemoveMasquerade(NftClient nft, DetachContext gone, params IEnumerable<IReferenceRules> besides)
    {
        IEnumerable<IpPrefix> told = gone.Told?.Ips.Select(static ip => ip.Address) ?? [];
        Remove(nft, [.. ReferenceMasquerade.Of(gone.Call, gone.Own.Count > 0 ? gone.Own : told), .. besides]);
        // One that says its addresses itself is ours from the start.
        if (gone.Own.Count == 0 && told.Any())
            WarnOfLegacyTable(gone.Call, "nat");
    }

    private static void RemoveMasquerade(NftClient nft, GcScope valid)
    {
        Remove(nft, [.. ReferenceMasquerade.AllBut(valid.Call)]);
        WarnOfLegacyTable(valid.Call, "nat");
    }
}
