using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>An interface with IP addresses of its own on another interface, whose MAC address it shares.</summary>
public sealed record IpvlanSpec : LinkSpec
{
    /// <summary>IFLA_LINK: the index of the interface that it stands on, in the namespace of the socket.</summary>
    public required int Parent { get; init; }

    /// <summary>IFLA_IPVLAN_MODE. All ipvlans of a parent have one mode: creating another kind changes those that exist.</summary>
    public required IpvlanMode Mode { get; init; }

    /// <summary>IFLA_IPVLAN_FLAGS; without any, ipvlans of a parent reach each other directly.</summary>
    public IpvlanFlags Flags { get; init; }

    internal override string Kind => "ipvlan";

    internal override int? Lower => Parent;

    // IFLA_INFO_DATA of an ipvlan:
    //   IFLA_IPVLAN_MODE  u16
    //   IFLA_IPVLAN_FLAGS u16
    internal override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt16Attribute(IpvlanAttribute.Mode, (ushort)Mode);
        writer.WriteUInt16Attribute(IpvlanAttribute.Flags, (ushort)Flags);
    }
}
