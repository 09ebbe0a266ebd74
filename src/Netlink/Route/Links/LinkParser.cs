using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>Reads an RTM_NEWLINK; the layout stands in <see cref="LinkMessage"/>.</summary>
internal static partial class LinkParser
{
    private const string BridgeKind = "bridge";

    public static Link? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewLink)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, LinkMessage.HeaderSize);
        string name = "";
        string? alias = null, parent = null, bus = null;
        MacAddress? mac = null, permanentMac = null;
        int mtu = 0, txQueueLength = 0, promiscuity = 0;
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
            PeerIndex = peer,
            PeerNamespaceId = peerNamespace,
            Flags = (LinkFlags)header.ReadInt32(8),
            OperationalState = state,
            Alias = alias,
            Promiscuity = promiscuity,
            VrfTable = info.VrfTable,
            Bridge = info.Bridge,
            Port = info.Port,
            Macvlan = info.Macvlan,
            Ipvlan = info.Ipvlan,
            VlanId = info.VlanId,
            Tun = info.Tun,
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

    // The kernel writes a kind before its data, on both levels.
    private static Info ReadInfo(AttributeReader attributes)
    {
        Info info = default;
        string? portKind = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case LinkInfoAttribute.Kind: info.Kind = attributes.ReadString(); break;
                case LinkInfoAttribute.Data: ReadData(ref info, attributes.ReadNest()); break;
                case LinkInfoAttribute.PortKind: portKind = attributes.ReadString(); break;
                case LinkInfoAttribute.PortData when portKind == BridgeKind: info.Port = ReadPort(attributes.ReadNest()); break;
            }
        }
        return info;
    }

    private static void ReadData(ref Info info, AttributeReader data)
    {
        switch (info.Kind)
        {
            case BridgeKind: info.Bridge = ReadBridge(data); break;
            case "macvlan": info.Macvlan = ReadMacvlan(data); break;
            case "ipvlan": info.Ipvlan = ReadIpvlan(data); break;
            case "vlan": info.VlanId = ReadVlanId(data); break;
            case "tun": info.Tun = ReadTun(data); break;
            case "vrf": info.VrfTable = ReadVrfTable(data); break;
        }
    }

    private static BridgeState ReadBridge(AttributeReader attributes)
    {
        bool vlanFiltering = false;
        int defaultPvid = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case BridgeAttribute.VlanFiltering: vlanFiltering = attributes.ReadBoolean(); break;
                case BridgeAttribute.VlanDefaultPvid: defaultPvid = attributes.ReadUInt16(); break;
            }
        }
        return new BridgeState { VlanFiltering = vlanFiltering, DefaultPvid = defaultPvid };
    }

    private static uint? ReadVrfTable(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == VrfAttribute.Table)
                return attributes.ReadUInt32();
        }
        return null;
    }

    private static BridgePortState ReadPort(AttributeReader attributes)
    {
        bool hairpin = false, isolated = false;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case BridgePortAttribute.Hairpin: hairpin = attributes.ReadBoolean(); break;
                case BridgePortAttribute.Isolated: isolated = attributes.ReadBoolean(); break;
            }
        }
        return new BridgePortState { Hairpin = hairpin, Isolated = isolated };
    }

    private record struct Info(
        string? Kind, uint? VrfTable, BridgeState? Bridge, BridgePortState? Port, MacvlanState? Macvlan, IpvlanState? Ipvlan, int? VlanId, TunState? Tun);
}
