using Cni;
using Linux;
using Linux.Addresses;
using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>
/// <c>ipMasq</c> of the reference's bridge and ptp. With iptables a chain for each container of a network, <c>CNI-</c> and a hash, to which
/// POSTROUTING jumps; with nftables a rule in <c>inet cni_plugins_masquerade masq_checks</c> for each address.
/// </summary>
internal static class ReferenceMasquerade
{
    private const string Entry = "POSTROUTING";
    private const string Prefix = "CNI-";
    private const int HashDigits = 16;

    private static NftChain Checks => new(new NftTable(NftFamily.Inet, "cni_plugins_masquerade"), "masq_checks");

    /// <summary>Of one attachment.</summary>
    /// <param name="call">Its DEL.</param>
    /// <param name="addresses">
    /// Its addresses, if they are known. The chain of iptables serves all interfaces that a container has in the network, so the rules of
    /// other addresses stay then, and the chain with them.
    /// </param>
    public static IEnumerable<IReferenceRules> Of(CniInvocation call, IEnumerable<IpPrefix> addresses)
    {
        string chain = ReferenceChainName.Of(Prefix, call.Network, call.ContainerId);
        HashSet<NftValue> own = [.. addresses.Select(static address => NftValue.Of(address.Address))];
        bool IsGarbage(NftRule rule, string target) =>
            target == chain && (own.Count == 0 || rule.Source is not { } source || own.Contains(source));
        string start = CommentStart(call.Network, call.Attachment);
        return
        [
            ReferenceJumps.InNat(Entry, chain, IsGarbage),
            new ReferenceRules([Checks], rule => rule.Comment?.StartsWith(start, StringComparison.Ordinal) == true),
        ];
    }

    /// <summary>Of all attachments of a GC's network but the valid ones.</summary>
    public static IEnumerable<IReferenceRules> AllBut(CniInvocation call)
    {
        string network = $"name: \"{call.Network}\" id: \"";
        HashSet<string> validChains =
        [
            .. call.ValidAttachments.Select(valid => ReferenceChainName.Of(Prefix, call.Network, valid.ContainerId)),
        ];
        bool IsGarbage(NftRule rule, string target) =>
            rule.Text?.StartsWith(network, StringComparison.Ordinal) == true
                && ReferenceChainName.Has(Prefix, target)
                && !validChains.Contains(target);
        string start = NetworkStart(call.Network);
        string[] valid = [.. call.ValidAttachments.Select(attachment => CommentStart(call.Network, attachment))];
        return
        [
            ReferenceJumps.InNat(Entry, Entry, IsGarbage),
            new ReferenceRules([Checks], rule => rule.Comment is { } comment && comment.StartsWith(start, StringComparison.Ordinal)
                && !Array.Exists(valid, spared => comment.StartsWith(spared, StringComparison.Ordinal))),
        ];
    }

    /// <summary>How the comment of every rule of a network begins.</summary>
    private static string NetworkStart(string network) => Sha512.HexPrefix(HashDigits, network) + "-";

    /// <summary>How the comment of every rule of an attachment begins.</summary>
    private static string CommentStart(string network, Attachment attachment) =>
        NetworkStart(network) + Sha512.HexPrefix(HashDigits, $"{attachment.IfName}:{attachment.ContainerId}");
}
