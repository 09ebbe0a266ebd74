using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>
/// An interface to create. What is null is left to the kernel. One request does all of this: name, index, MAC address, MTU, master,
/// namespace, and switching it on. An alias and what a bridge keeps for a port are ignored by the kernel at creation (seen on 6.1 and
/// 6.18): send a <see cref="LinkChange"/> with the same index behind it, in the same batch.
/// </summary>
/// <remarks>
/// A kind that is not among ours is a record of yours that derives from this one: it names the kind and writes its attributes. To read
/// them, <see cref="Link.Data"/> gives them as they came.
/// </remarks>
public abstract record LinkSpec
{
    /// <summary>IFLA_IFNAME: at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// ifi_index, at least 1; EEXIST if it is taken. Choosing it lets later requests of the same batch name the new interface.
    /// </summary>
    public int? Index { get; init; }

    /// <summary>IFLA_ADDRESS; else random, and a bridge follows its ports.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>IFLA_MTU, bytes. A bridge follows its ports all the same until a <see cref="LinkChange"/> sets its MTU.</summary>
    public int? Mtu { get; init; }

    /// <summary>IFLA_TXQLEN, packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>IFLA_MASTER: the index of the bridge that it becomes a port of.</summary>
    public int? Master { get; init; }

    /// <summary>IFLA_NET_NS_FD: where it is to appear; must stay open until the batch has been executed.</summary>
    public NetworkNamespace? TargetNamespace { get; init; }

    /// <summary>IFF_UP: switched on at once.</summary>
    public bool Up { get; init; }

    /// <summary>IFLA_INFO_KIND: the kernel's name of the kind.</summary>
    public abstract string Kind { get; }

    /// <summary>IFLA_LINK: the index of the device that it stands on; null for kinds that stand on none.</summary>
    public virtual int? Lower => null;

    /// <summary>Writes the kind's own attributes, those that stand in IFLA_INFO_DATA; the nest around them is open already.</summary>
    protected internal virtual void WriteData(NetlinkWriter writer)
    {
    }
}
