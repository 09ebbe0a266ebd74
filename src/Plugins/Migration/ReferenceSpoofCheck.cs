using Cni;
using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>
/// <c>macspoofchk</c> of the reference's bridge: in <c>bridge nat</c> two chains for each attachment, and rules in PREROUTING that jump to
/// them. Its comments do not say the network, so GC has to leave them.
/// </summary>
internal static class ReferenceSpoofCheck
{
    // NFT_CHAIN_MAXNAMELEN with its NUL, linux/netfilter/nf_tables.h
    private const int MaxChainName = 255;

    /// <summary>Of one attachment.</summary>
    public static IReferenceRules Of(Attachment attachment)
    {
        NftTable table = new(NftFamily.Bridge, "nat");
        string names = $"{attachment.ContainerId}-{attachment.IfName}";
        NftChain frames = new(table, $"cni-br-iface-{names}");
        NftChain addresses = new(table, $"{frames.Name}-mac");
        return new ReferenceJumps(
            "PREROUTING",
            addresses.Name.Length > MaxChainName ? [] : [frames, addresses],
            (rule, _) => rule.Comment == $"macspoofchk-{names}");
    }
}
