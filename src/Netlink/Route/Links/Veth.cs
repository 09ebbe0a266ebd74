using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>Two interfaces that pass each other's frames. Only the near end can be created up: a peer cannot (ENOTCONN).</summary>
public sealed record VethSpec : LinkSpec
{
    /// <summary>The other end.</summary>
    public required VethPeer Peer { get; init; }

    /// <inheritdoc/>
    public override string Kind => VethLink.Kind;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => VethLink.Write(writer, Peer);
}

/// <summary>The far end of a veth to create. What is null is left to the kernel.</summary>
public sealed record VethPeer
{
    /// <summary>IFLA_IFNAME: at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>ifi_index; heeded only if <see cref="LinkSpec.Index"/> is chosen, too.</summary>
    public int? Index { get; init; }

    /// <summary>IFLA_ADDRESS.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>IFLA_MTU, bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>IFLA_TXQLEN, packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>IFLA_NET_NS_FD: where it is to appear; must stay open until the batch has been executed.</summary>
    public NetworkNamespace? TargetNamespace { get; init; }
}

/// <summary>
/// Veths as bytes. What the kernel tells of one stands in <see cref="Link.PeerIndex"/> and <see cref="Link.PeerNamespaceId"/>.
/// </summary>
public static class VethLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "veth";

    // linux/veth.h
    private const ushort VETH_INFO_PEER = 1;

    // IFLA_INFO_DATA of a veth:
    //   VETH_INFO_PEER       a plain attribute that holds
    //     struct ifinfomsg   ifi_index is heeded only if the near end's index is chosen, too (kernel 3.7 and newer)
    //     link attributes    IFLA_IFNAME, IFLA_MTU, IFLA_TXQLEN, IFLA_ADDRESS, IFLA_NET_NS_FD
    internal static void Write(NetlinkWriter writer, VethPeer peer)
    {
        int attribute = writer.BeginAttribute(VETH_INFO_PEER);
        LinkMessage.WriteHeader(writer, MessageFamily.Unspecified, peer.Index ?? 0);
        LinkMessage.WriteIdentity(writer, peer.Name, peer.Mac, peer.Mtu, peer.TxQueueLength, peer.TargetNamespace);
        writer.EndNest(attribute);
    }
}
