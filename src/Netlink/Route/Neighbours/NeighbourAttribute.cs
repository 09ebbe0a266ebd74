namespace Netlink.Route.Neighbours;

/// <summary>Attributes of neighbour messages. Source: linux/neighbour.h.</summary>
internal static class NeighbourAttribute
{
    /// <summary>NDA_DST.</summary>
    public const ushort Destination = 1;

    /// <summary>NDA_LLADDR.</summary>
    public const ushort LinkLayerAddress = 2;

    /// <summary>NDA_VNI: the VXLAN that what goes there is in, if not the interface's own.</summary>
    public const ushort NetworkId = 7;

    /// <summary>NDA_IFINDEX: a filter of dumps.</summary>
    public const ushort LinkIndex = 8;
}

/// <summary>Bits of ndm_flags. Source: linux/neighbour.h.</summary>
internal static class NeighbourFlag
{
    /// <summary>NTF_SELF: of the interface itself.</summary>
    public const byte Self = 1 << 1;

    /// <summary>NTF_MASTER: of the bridge that the interface is a port of.</summary>
    public const byte Master = 1 << 2;

    /// <summary>NTF_PROXY.</summary>
    public const byte Proxy = 1 << 3;
}
