using Cni;
using Linux.Addresses;
using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>
/// What the reference's portmap leaves. With iptables a chain for each container of a network, <c>CNI-DN-</c> and a hash, to which
/// CNI-HOSTPORT-DNAT jumps (before its version 0.7 also <c>CNI-SN-</c> behind CNI-HOSTPORT-SNAT); with nftables rules in
/// <c>ip cni_hostport</c> and <c>ip6 cni_hostport</c> whose comment is the container ID.
/// </summary>
internal static class ReferencePortMappings
{
    private const string Entry = "CNI-HOSTPORT-DNAT";
    private const string Prefix = "CNI-DN-";
    private const string OldEntry = "CNI-HOSTPORT-SNAT";
    private const string OldPrefix = "CNI-SN-";

    private static IReadOnlyList<NftChain> HostPorts =>
    [
        .. from family in (NftFamily[])[NftFamily.Ip, NftFamily.Ip6]
           from name in (string[])["hostports", "hostip_hostports", "masquerading"]
           select new NftChain(new NftTable(family, "cni_hostport"), name),
    ];

    /// <summary>Of one attachment.</summary>
    /// <param name="call">Its DEL.</param>
    /// <param name="addresses">
    /// Its addresses, if they are known. A rule of nftables says the container but not the network, so with them those of the container's
    /// other networks stay.
    /// </param>
    public static IEnumerable<IReferenceRules> Of(CniInvocation call, IReadOnlyCollection<IpPrefix> addresses) =>
    [
        OfChain(Entry, ReferenceChainName.Of(Prefix, call.Network, call.ContainerId)),
        OfChain(OldEntry, ReferenceChainName.Of(OldPrefix, call.Network, call.ContainerId)),
        new ReferenceRules(HostPorts, rule => rule.Comment == call.ContainerId && (addresses.Count == 0 || addresses.Any(rule.Names))),
    ];

    /// <summary>
    /// Of all attachments of a GC's network but the valid ones: the chains of iptables alone, since rules of nftables do not say their
    /// network.
    /// </summary>
    public static IEnumerable<IReferenceRules> AllBut(CniInvocation call)
    {
        string network = $"dnat name: \"{call.Network}\" id: \"";
        HashSet<string> valid =
        [
            .. call.ValidAttachments.Select(attachment => ReferenceChainName.Of(Prefix, call.Network, attachment.ContainerId)),
        ];
        // iptables cuts comments, so the container is told by the chain's name.
        bool IsGarbage(NftRule rule, string target) =>
            rule.Text?.StartsWith(network, StringComparison.Ordinal) == true
                && ReferenceChainName.Has(Prefix, target)
                && !valid.Contains(target);
        return [ReferenceJumps.InNat(Entry, Entry, IsGarbage)];
    }

    private static ReferenceJumps OfChain(string entry, string chain) => ReferenceJumps.InNat(entry, chain, (_, target) => target == chain);
}
