using System.Text;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>Link messages as bytes (RTM_NEWLINK and its kin).</summary>
internal static class LinkMessage
{
    /// <summary>Bytes of struct ifinfomsg.</summary>
    public const int HeaderSize = 16;

    // struct ifinfomsg, linux/rtnetlink.h:
    //   u8  ifi_family
    //   u8  __ifi_pad
    //   u16 ifi_type     ARPHRD_*; 0, the kernel knows
    //   s32 ifi_index    0: chosen by the kernel, or found by IFLA_IFNAME
    //   u32 ifi_flags    IFF_*
    //   u32 ifi_change   which flags are meant
    public static void WriteHeader(
        NetlinkWriter writer, byte family, int index = 0, LinkFlags flags = LinkFlags.None, LinkFlags change = LinkFlags.None)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8(0);
        writer.WriteUInt16(0);
        writer.WriteInt32(index);
        writer.WriteUInt32((uint)flags);
        writer.WriteUInt32((uint)change);
    }

    // RTM_NEWLINK with NLM_F_CREATE | NLM_F_EXCL, net/core/rtnetlink.c rtnl_newlink:
    //   struct ifinfomsg       index, IFF_UP
    //   IFLA_IFNAME ...        see WriteIdentity
    //   IFLA_LINK      u32     what it stands on
    //   IFLA_MASTER    u32
    //   IFLA_LINKINFO  nest
    //     IFLA_INFO_KIND string
    //     IFLA_INFO_DATA nest  the kind's own
    public static void WriteNew(NetlinkWriter writer, LinkSpec link)
    {
        LinkFlags up = link.Up ? LinkFlags.Up : LinkFlags.None;
        WriteHeader(writer, MessageFamily.Unspecified, link.Index ?? 0, up, up);
        WriteIdentity(writer, link.Name, link.Mac, link.Mtu, link.TxQueueLength, link.TargetNamespace);
        if (link.Lower is { } lower)
            writer.WriteInt32Attribute(LinkAttribute.Link, lower);
        if (link.Master is { } master)
            writer.WriteInt32Attribute(LinkAttribute.Master, master);
        int info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.WriteStringAttribute(LinkInfoAttribute.Kind, link.Kind);
        int data = writer.BeginNest(LinkInfoAttribute.Data);
        link.WriteData(writer);
        writer.EndNest(data);
        writer.EndNest(info);
    }

    // RTM_NEWLINK without NLM_F_CREATE changes what exists. Unlike RTM_SETLINK it takes IFLA_LINKINFO:
    //   struct ifinfomsg       index, flags and which of them are meant
    //   IFLA_IFNAME ...        see WriteIdentity
    //   IFLA_MASTER    u32     0 for none
    //   IFLA_GROUP     u32
    //   IFLA_IFALIAS           text without NUL, which would count; none at all removes it
    //   IFLA_LINKINFO  nest    see BridgeLink.WriteChange
    //   IFLA_AF_SPEC   nest
    //     AF_INET6     nest    IFLA_INET6_ADDR_GEN_MODE u8
    public static void WriteChange(NetlinkWriter writer, int index, LinkChange change)
    {
        LinkFlags flags = LinkFlags.None;
        LinkFlags meant = LinkFlags.None;
        Add(change.Up, LinkFlags.Up);
        Add(change.Promiscuous, LinkFlags.Promiscuous);
        Add(change.AllMulticast, LinkFlags.AllMulticast);
        WriteHeader(writer, MessageFamily.Unspecified, index, flags, meant);
        WriteIdentity(writer, change.Name, change.Mac, change.Mtu, change.TxQueueLength, change.TargetNamespace);
        if (change.Master is { } master)
            writer.WriteInt32Attribute(LinkAttribute.Master, master);
        if (change.Group is { } group)
            writer.WriteUInt32Attribute(LinkAttribute.Group, group);
        if (change.Alias is { } alias)
            writer.WriteAttribute(LinkAttribute.Alias, Encoding.UTF8.GetBytes(alias));
        BridgeLink.WriteChange(writer, change);
        if (change.AddressGenerationMode is { } mode)
        {
            int specific = writer.BeginNest(LinkAttribute.FamilySpecific);
            int inet6 = writer.BeginNest((ushort)IpFamily.IPv6);
            writer.WriteUInt8Attribute(Inet6Attribute.AddressGenerationMode, (byte)mode);
            writer.EndNest(inet6);
            writer.EndNest(specific);
        }

        void Add(bool? wanted, LinkFlags flag)
        {
            if (wanted is null)
                return;
            meant |= flag;
            if (wanted.Value)
                flags |= flag;
        }
    }

    // What both ends of a veth, a new link and a changed one have in common:
    //   IFLA_IFNAME    string
    //   IFLA_ADDRESS   6 bytes
    //   IFLA_MTU       u32
    //   IFLA_TXQLEN    u32
    //   IFLA_NET_NS_FD u32
    public static void WriteIdentity(
        NetlinkWriter writer, string? name, MacAddress? mac, int? mtu, int? txQueueLength, NetworkNamespace? target)
    {
        if (name is not null)
            writer.WriteStringAttribute(LinkAttribute.Name, name);
        if (mac is { } address)
            writer.WriteMacAttribute(LinkAttribute.Address, address);
        if (mtu is { } bytes)
            writer.WriteInt32Attribute(LinkAttribute.Mtu, bytes);
        if (txQueueLength is { } packets)
            writer.WriteInt32Attribute(LinkAttribute.TxQueueLength, packets);
        if (target is not null)
            writer.WriteInt32Attribute(LinkAttribute.NamespaceDescriptor, target.Handle.Number);
    }

    // RTM_GETLINK and RTM_DELLINK of one link:
    //   struct ifinfomsg        index, or 0 and
    //   IFLA_IFNAME     string  also finds alternative names; one of more than 15 bytes needs
    //   IFLA_ALT_IFNAME string  instead
    //   IFLA_EXT_MASK   u32     only when getting
    public static void WriteReference(NetlinkWriter writer, int index, string? name)
    {
        WriteHeader(writer, MessageFamily.Unspecified, index);
        if (name is not null)
        {
            bool isLong = Encoding.UTF8.GetByteCount(name) > InterfaceName.MaxBytes;
            writer.WriteStringAttribute(isLong ? LinkAttribute.AlternativeName : LinkAttribute.Name, name);
        }
    }

    // RTM_NEWLINKPROP and RTM_DELLINKPROP:
    //   struct ifinfomsg       index
    //   IFLA_PROP_LIST  nest
    //     IFLA_ALT_IFNAME string  for each name
    public static void WriteAlternativeNames(NetlinkWriter writer, int index, IReadOnlyList<string> names)
    {
        WriteHeader(writer, MessageFamily.Unspecified, index);
        int list = writer.BeginNest(LinkAttribute.PropertyList);
        foreach (string name in names)
            writer.WriteStringAttribute(LinkAttribute.AlternativeName, name);
        writer.EndNest(list);
    }

    // RTM_GETLINK with NLM_F_DUMP; the strict check wants a header of zeros:
    //   struct ifinfomsg
    //   IFLA_EXT_MASK u32
    //   IFLA_MASTER   u32     only ports of it
    //   IFLA_LINKINFO nest    only links of a kind
    //     IFLA_INFO_KIND string
    public static void WriteDump(NetlinkWriter writer, string? kind, int? master)
    {
        WriteHeader(writer, MessageFamily.Unspecified);
        writer.WriteUInt32Attribute(LinkAttribute.ExtendedMask, ExtendedFilter.SkipStatistics);
        if (master is { } index)
            writer.WriteInt32Attribute(LinkAttribute.Master, index);
        if (kind is null)
            return;
        int info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.WriteStringAttribute(LinkInfoAttribute.Kind, kind);
        writer.EndNest(info);
    }
}
