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

    /// <inheritdoc/>
    public override string Kind => IpvlanLink.Kind;

    /// <inheritdoc/>
    public override int? Lower => Parent;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => IpvlanLink.Write(writer, this);
}

/// <summary>What an ipvlan says of itself.</summary>
public sealed record IpvlanState
{
    /// <summary>IFLA_IPVLAN_MODE.</summary>
    public IpvlanMode Mode { get; init; }

    /// <summary>IFLA_IPVLAN_FLAGS.</summary>
    public IpvlanFlags Flags { get; init; }
}

/// <summary>At which layer an ipvlan decides. Source: linux/if_link.h.</summary>
public enum IpvlanMode : ushort
{
    /// <summary>IPVLAN_MODE_L2: switches frames; ARP, broadcast and multicast work.</summary>
    L2 = 0,

    /// <summary>IPVLAN_MODE_L3: routes packets in the parent's namespace; no ARP, no broadcast, no multicast.</summary>
    L3 = 1,

    /// <summary>IPVLAN_MODE_L3S: as <see cref="L3"/>, and packets pass the netfilter hooks of the parent's namespace.</summary>
    L3S = 2,
}

/// <summary>Which packets an ipvlan exchanges with others on the same parent. Source: linux/if_link.h.</summary>
[Flags]
public enum IpvlanFlags : ushort
{
    /// <summary>Directly.</summary>
    None = 0,

    /// <summary>IPVLAN_F_PRIVATE: none.</summary>
    Private = 1 << 0,

    /// <summary>IPVLAN_F_VEPA: by way of the switch outside, which must send them back.</summary>
    Vepa = 1 << 1,
}

/// <summary>Ipvlans as bytes.</summary>
public static class IpvlanLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "ipvlan";

    // linux/if_link.h
    private const ushort IFLA_IPVLAN_MODE = 1;
    private const ushort IFLA_IPVLAN_FLAGS = 2;

    extension(Link link)
    {
        /// <summary>What an ipvlan says of itself; null for other kinds.</summary>
        public IpvlanState? Ipvlan => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of an ipvlan:
    //   IFLA_IPVLAN_MODE  u16
    //   IFLA_IPVLAN_FLAGS u16
    internal static void Write(NetlinkWriter writer, IpvlanSpec link)
    {
        writer.WriteUInt16Attribute(IFLA_IPVLAN_MODE, (ushort)link.Mode);
        writer.WriteUInt16Attribute(IFLA_IPVLAN_FLAGS, (ushort)link.Flags);
    }

    private static IpvlanState Read(AttributeReader attributes)
    {
        IpvlanMode mode = 0;
        IpvlanFlags flags = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_IPVLAN_MODE: mode = (IpvlanMode)attributes.ReadUInt16(); break;
                case IFLA_IPVLAN_FLAGS: flags = (IpvlanFlags)attributes.ReadUInt16(); break;
            }
        }
        return new IpvlanState { Mode = mode, Flags = flags };
    }
}
