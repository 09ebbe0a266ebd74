using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>Two interfaces that pass each other's frames. Only the near end can be created up: a peer cannot (ENOTCONN).</summary>
public sealed record VethSpec : LinkSpec
{
    /// <summary>The other end.</summary>
    public required VethPeer Peer { get; init; }

    internal override string Kind => "veth";

    // VETH_INFO_PEER, linux/veth.h: a plain attribute that holds
    //   struct ifinfomsg   ifi_index is heeded only if the near end's index is chosen, too (kernel 3.7 and newer)
    //   link attributes    IFLA_IFNAME, IFLA_MTU, IFLA_TXQLEN, IFLA_ADDRESS, IFLA_NET_NS_FD
    internal override void WriteData(NetlinkWriter writer)
    {
        int peer = writer.BeginAttribute(VethAttribute.Peer);
        LinkMessage.WriteHeader(writer, MessageFamily.Unspecified, Peer.Index ?? 0);
        LinkMessage.WriteIdentity(writer, Peer.Name, Peer.Mac, Peer.Mtu, Peer.TxQueueLength, Peer.TargetNamespace);
        writer.EndNest(peer);
    }
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
