using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>Reads an RTM_NEWLINK; the layout stands in <see cref="LinkMessage"/>.</summary>
internal static class LinkParser
{
    public static Link? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewLink)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, LinkMessage.HeaderSize);
        string name = "";
        string? alias = null, parent = null, bus = null;
        MacAddress? mac = null, permanentMac = null;
        int mtu = 0, txQueueLength = 0, promiscuity = 0;
        uint group = 0;
        int? master = null, peer = null, peerNamespace = null;
        OperationalState state = OperationalState.Unknown;
        List<string> alternativeNames = [];
        Info info = default;
        AttributeReader attributes = new(payload[LinkMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case LinkAttribute.Name: name = attributes.ReadString(); break;
                case LinkAttribute.Alias: alias = attributes.ReadString(); break;
                case LinkAttribute.Address: mac = attributes.ReadMac(); break;
                case LinkAttribute.PermanentAddress: permanentMac = attributes.ReadMac(); break;
                case LinkAttribute.ParentDeviceName: parent = attributes.ReadString(); break;
                case LinkAttribute.ParentDeviceBus: bus = attributes.ReadString(); break;
                case LinkAttribute.Mtu: mtu = attributes.ReadInt32(); break;
                case LinkAttribute.TxQueueLength: txQueueLength = attributes.ReadInt32(); break;
                case LinkAttribute.Promiscuity: promiscuity = attributes.ReadInt32(); break;
                case LinkAttribute.Master: master = attributes.ReadInt32(); break;
                case LinkAttribute.Group: group = attributes.ReadUInt32(); break;
                case LinkAttribute.Link: peer = attributes.ReadInt32(); break;
                case LinkAttribute.LinkNamespaceId: peerNamespace = attributes.ReadInt32(); break;
                case LinkAttribute.OperationalState: state = (OperationalState)attributes.ReadUInt8(); break;
                case LinkAttribute.PropertyList: ReadProperties(attributes.ReadNest(), alternativeNames); break;
                case LinkAttribute.LinkInfo: info = ReadInfo(attributes.ReadNest()); break;
            }
        }
        return new Link
        {
            Index = header.ReadInt32(4),
            Name = name,
            AlternativeNames = alternativeNames,
            Kind = info.Kind,
            Mac = mac,
            PermanentMac = permanentMac,
            ParentDevice = parent is null ? null : $"{bus}/{parent}",
            Mtu = mtu,
            TxQueueLength = txQueueLength,
            MasterIndex = master,
            Group = group,
            PeerIndex = peer,
            PeerNamespaceId = peerNamespace,
            Flags = (LinkFlags)header.ReadInt32(8),
            OperationalState = state,
            Alias = alias,
            Promiscuity = promiscuity,
            Data = info.Data,
            PortKind = info.PortKind,
            PortData = info.PortData,
        };
    }

    private static void ReadProperties(AttributeReader properties, List<string> names)
    {
        while (properties.MoveNext())
        {
            if (properties.Type == LinkAttribute.AlternativeName)
                names.Add(properties.ReadString());
        }
    }

    private static Info ReadInfo(AttributeReader attributes)
    {
        Info info = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case LinkInfoAttribute.Kind: info.Kind = attributes.ReadString(); break;
                case LinkInfoAttribute.Data: info.Data = new AttributeBlock(attributes.Value); break;
                case LinkInfoAttribute.PortKind: info.PortKind = attributes.ReadString(); break;
                case LinkInfoAttribute.PortData: info.PortData = new AttributeBlock(attributes.Value); break;
            }
        }
        return info;
    }

    private record struct Info(string? Kind, AttributeBlock Data, string? PortKind, AttributeBlock PortData);
}
