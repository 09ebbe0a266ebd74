using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Interfaces.Bridge;

/// <summary>
/// macspoofchk: a bridge port takes frames of its pod's MAC address only. A guarded port is one element in each of two sets, so a frame
/// costs two lookups however many pods there are:
/// <code>
/// table bridge cniplugin {
///     set ports { type ifname; elements = { "veth0123456789a" comment "tag names" } }
///     set pairs { type ifname . ether_addr; elements = { "veth0123456789a" . 02:00:00:00:00:01 comment "tag names" } }
///     chain prerouting { type filter hook prerouting priority dstnat; iifname @ports iifname . ether saddr != @pairs drop }
/// }
/// </code>
/// </summary>
internal static class MacSpoofCheck
{
    // The reference's; nft calls it dstnat in the bridge family (NF_BR_PRI_NAT_DST_BRIDGED, linux/netfilter_bridge.h).
    private const int Priority = -300;

    // Offset of h_source in struct ethhdr (linux/if_ether.h).
    private const int SourceOffset = 6;

    private static NftTable Table => NodeRuleset.TableOf(NftFamily.Bridge);

    private static NftSet Ports => new(Table, "ports", NftDataType.InterfaceName);

    private static NftSet Pairs => new(Table, "pairs", NftDataType.Concat(NftDataType.InterfaceName, NftDataType.EthernetAddress));

    /// <summary>What DEL and GC do.</summary>
    public static AttachmentRules Rules => new(
        Remove,
        static (nft, valid) => RemoveWhere(nft, valid.IsGarbage));

    /// <summary>What all guards rest on.</summary>
    public static NodeRuleset Shared
    {
        get
        {
            NftChain chain = new(Table, "prerouting") { Base = new NftBaseChain("filter", NftHook.Prerouting, Priority) };
            NftRule rule = new(chain,
            [
                new Meta(MetaKey.InputInterfaceName),
                new Lookup(Ports.Name),
                new Meta(MetaKey.InputInterfaceName),
                new Payload(PayloadBase.LinkLayer, SourceOffset, MacAddress.Size) { Register = NftRegister.Second },
                new Lookup(Pairs.Name) { IsInverted = true },
                new Immediate(NftVerdict.Drop),
            ]);
            return new NodeRuleset(Table, [Ports, Pairs], [(chain, [rule])]);
        }
    }

    /// <summary>Guards a port; to be called before the pod can send.</summary>
    /// <param name="tag">Whose it is.</param>
    /// <param name="port">The host end of the veth pair.</param>
    /// <param name="mac">What the pod may send from.</param>
    /// <param name="undo">Takes the guard away again.</param>
    /// <exception cref="CniException">The kernel cannot filter between the ports of a bridge.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Add(AttachmentTag tag, string port, MacAddress mac, UndoStack undo)
    {
        using NftClient nft = NftClient.Open();
        try
        {
            _ = AttachmentElements.Add(nft, Shared, tag, ElementsOf(port, mac), Contest.Unshared(Refuse), undo);
        }
        catch (NetlinkException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            throw new CniException(
                CniErrorCode.UnsupportedField,
                "macspoofchk is true, but this kernel cannot filter between bridge ports (CONFIG_NF_TABLES_BRIDGE)",
                inner: e);
        }
    }

    /// <summary>Finds out whether a port is guarded.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public static void Check(AttachmentTag tag, string port, MacAddress mac)
    {
        using NftClient nft = NftClient.Open();
        AttachmentElements.Check(nft, Shared, tag, ElementsOf(port, mac));
    }

    private static void Remove(NftClient nft, DetachContext gone)
    {
        // Both elements came together, and this one goes last: without it there is nothing.
        NftValue port = NftValue.InterfaceName(gone.Tag.HostInterfaceName);
        if (nft.FindElement(Ports, port) is not { } guard || !gone.Tag.IsIn(guard.Comment))
            return;
        List<(NftSet, NftValue)> told = [];
        foreach (CniInterface link in gone.Told?.Interfaces ?? [])
        {
            if (MacAddress.TryParse(link.Mac, out MacAddress mac))
                told.Add((Pairs, PairOf(gone.Tag.HostInterfaceName, mac)));
        }
        if (AttachmentElements.Remove(nft, gone.Tag, told).Count == 0)
            _ = AttachmentElements.RemoveWhere(nft, [Pairs], gone.Tag.IsIn);
        _ = AttachmentElements.Remove(nft, gone.Tag, [(Ports, port)]);
    }

    private static void RemoveWhere(NftClient nft, Predicate<string?> isGarbage) =>
        _ = AttachmentElements.RemoveWhere(nft, [Pairs, Ports], isGarbage);

    private static AttachmentElement[] ElementsOf(string port, MacAddress mac) =>
    [
        new(Ports, new NftElement(NftValue.InterfaceName(port)), port),
        new(Pairs, new NftElement(PairOf(port, mac)), $"{port} . {mac}"),
    ];

    private static NftValue PairOf(string port, MacAddress mac) => NftValue.Concat(NftValue.InterfaceName(port), NftValue.Of(mac));

    private static CniException Refuse(AttachmentElement element, NftElement owner) => new(
        CniErrorCode.AlreadyExists,
        $"bridge port {element.Name} is guarded for another container ({ElementOwner.Describe(owner.Comment)}); run DEL for that one "
        + "first");
}
