using System.Net;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Addresses;

/// <summary>Address messages as bytes (RTM_NEWADDR and its kin).</summary>
internal static class AddressMessage
{
    /// <summary>Bytes of the fixed header.</summary>
    public const int HeaderSize = 8;

    // struct ifaddrmsg, linux/if_addr.h:
    //   u8  ifa_family
    //   u8  ifa_prefixlen
    //   u8  ifa_flags       the lower 8 bits; IFA_FLAGS has all
    //   u8  ifa_scope
    //   u32 ifa_index
    public static void WriteHeader(
        NetlinkWriter writer, byte family, int index, int prefixLength = 0, AddressFlags flags = AddressFlags.None, RouteScope scope = 0)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8((byte)prefixLength);
        writer.WriteUInt8((byte)flags);
        writer.WriteUInt8((byte)scope);
        writer.WriteInt32(index);
    }

    // RTM_NEWADDR:
    //   struct ifaddrmsg
    //   IFA_LOCAL      4 or 16 bytes
    //   IFA_ADDRESS    the same; another one would be the far end of a point-to-point link
    //   IFA_BROADCAST  4 bytes
    //   IFA_LABEL      string
    //   IFA_FLAGS      u32, instead of those in the header if there is one that has no room there
    public static void WriteNew(NetlinkWriter writer, int index, AddressSpec spec)
    {
        AddressFlags flags = (spec.NoDad ? AddressFlags.NoDad : AddressFlags.None)
            | (spec.NoPrefixRoute ? AddressFlags.NoPrefixRoute : AddressFlags.None);
        bool areLong = (uint)flags > byte.MaxValue;
        WriteReference(writer, index, spec.Address, areLong ? AddressFlags.None : flags, spec.Scope);
        if (spec.Broadcast is { } broadcast)
            writer.WriteAddressAttribute(AddressAttribute.Broadcast, broadcast);
        if (spec.Label is { } label)
            writer.WriteStringAttribute(AddressAttribute.Label, label);
        if (areLong)
            writer.WriteUInt32Attribute(AddressAttribute.Flags, (uint)flags);
    }

    // RTM_DELADDR: the first three of the above.
    public static void WriteReference(
        NetlinkWriter writer, int index, IpPrefix address, AddressFlags flags = AddressFlags.None, RouteScope scope = 0)
    {
        WriteHeader(writer, (byte)MessageFamily.Of(address.Address), index, address.Length, flags, scope);
        writer.WriteAddressAttribute(AddressAttribute.Local, address.Address);
        writer.WriteAddressAttribute(AddressAttribute.Address, address.Address);
    }

    /// <summary>Reads an RTM_NEWADDR.</summary>
    public static InterfaceAddress? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewAddress)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, HeaderSize);
        IPAddress? address = null, local = null, broadcast = null;
        string? label = null;
        AddressFlags flags = (AddressFlags)header[2];
        AttributeReader attributes = new(payload[HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case AddressAttribute.Address: address = attributes.ReadAddress(); break;
                case AddressAttribute.Local: local = attributes.ReadAddress(); break;
                case AddressAttribute.Broadcast: broadcast = attributes.ReadAddress(); break;
                case AddressAttribute.Label: label = attributes.ReadString(); break;
                case AddressAttribute.Flags: flags = (AddressFlags)attributes.ReadUInt32(); break;
            }
        }
        if ((local ?? address) is not { } own)
            return null;
        return new InterfaceAddress
        {
            LinkIndex = header.ReadInt32(4),
            Address = new IpPrefix(own, header[1]),
            Broadcast = broadcast,
            Scope = (RouteScope)header[3],
            Label = label,
            Flags = flags,
        };
    }
}
