using Linux.Addresses;
using Linux.Namespaces;

namespace Netlink.Route.Links;

/// <summary>
/// What to change of an interface, in one request; null stays as it is. The kernel applies the bridge's and the port's settings first,
/// so a port's settings (<see cref="Hairpin"/>, <see cref="Isolated"/>) need an interface that is a port already.
/// </summary>
public sealed record LinkChange
{
    /// <summary>IFF_UP.</summary>
    public bool? Up { get; init; }

    /// <summary>IFF_PROMISC.</summary>
    public bool? Promiscuous { get; init; }

    /// <summary>IFF_ALLMULTI.</summary>
    public bool? AllMulticast { get; init; }

    /// <summary>IFLA_IFNAME: the new name; kernels before 6.2 want the interface down (EBUSY).</summary>
    public string? Name { get; init; }

    /// <summary>IFLA_ADDRESS. On a bridge it stays then, whatever ports come and go.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>IFLA_MTU, bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>IFLA_TXQLEN, packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>IFLA_MASTER: the index of the new master; 0 for none.</summary>
    public int? Master { get; init; }

    /// <summary>IFLA_GROUP: the number of the group that it belongs to; 0 is the group of all new interfaces.</summary>
    public uint? Group { get; init; }

    /// <summary>IFLA_IFALIAS: at most 254 bytes (ERANGE); empty to remove it.</summary>
    public string? Alias { get; init; }

    /// <summary>IFLA_NET_NS_FD: where to move it; must stay open until the batch has been executed.</summary>
    public NetworkNamespace? TargetNamespace { get; init; }

    /// <summary>IFLA_INET6_ADDR_GEN_MODE.</summary>
    public AddressGenerationMode? AddressGenerationMode { get; init; }

    /// <summary>IFLA_BRPORT_MODE, of a bridge's port: frames may go back out of the port that they came in by.</summary>
    public bool? Hairpin { get; init; }

    /// <summary>IFLA_BRPORT_ISOLATED, of a bridge's port: no frames to and from other isolated ports.</summary>
    public bool? Isolated { get; init; }

    /// <summary>IFLA_BR_VLAN_FILTERING, of a bridge.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>IFLA_BR_VLAN_DEFAULT_PVID, of a bridge; 0 for none.</summary>
    public int? DefaultPvid { get; init; }
}
