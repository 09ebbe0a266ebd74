using Cni;
using Datapath.Links;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.HostDevice;

/// <summary>
/// What a device was on the host, and by what it is known again. It is kept on the host (<see cref="HostDeviceRecords"/>): names, alias and
/// addresses of a device are what the pod that has it makes of them.
/// </summary>
internal sealed record HostDeviceRecord
{
    private const string Document = "host-device record";
    private const LinkFlags Kept = LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.AllMulticast;

    /// <summary>Of the attachment that has the device.</summary>
    public required string Tag { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Further names that find it.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>Its alias; "" for none.</summary>
    public string Alias { get; init; } = "";

    /// <summary>Its MAC address; null if it has none of 6 bytes.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>Whether it was switched on, promiscuous, and took every multicast frame.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>Its ifindex where it is now.</summary>
    public required int Index { get; init; }

    /// <summary>IFLA_INFO_KIND; null for hardware, which no pod can make.</summary>
    public string? Kind { get; init; }

    /// <summary>The address that the hardware has.</summary>
    public MacAddress? PermanentMac { get; init; }

    /// <summary>The hardware's bus and name.</summary>
    public string? ParentDevice { get; init; }

    /// <summary>The index of the other end of a veth, or of what it stands on; null for neither.</summary>
    public int? PeerIndex { get; init; }

    /// <summary>In which namespace <see cref="PeerIndex"/> counts; null for the host's.</summary>
    public int? PeerNamespaceId { get; init; }

    /// <summary>Whether it was switched on.</summary>
    public bool WasUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>Whether hardware says by itself which it is.</summary>
    private bool IsKnownHardware => Kind is null && (PermanentMac is not null || ParentDevice is not null);

    /// <summary>Of a device that is still on the host.</summary>
    public static HostDeviceRecord Of(Link device, string tag) => new()
    {
        Tag = tag,
        Name = device.Name,
        AlternativeNames = device.AlternativeNames,
        Alias = device.Alias ?? "",
        Mac = device.Mac,
        Mtu = device.Mtu,
        Flags = device.Flags & Kept,
        Index = device.Index,
        Kind = device.Kind,
        PermanentMac = device.PermanentMac,
        ParentDevice = device.ParentDevice,
        PeerIndex = device.PeerIndex,
        PeerNamespaceId = device.PeerNamespaceId,
    };

    /// <summary>Whether a device in the pod is the one that was lent, as far as can be told before it is back.</summary>
    /// <param name="device">The device.</param>
    /// <param name="host">The host's links.</param>
    public bool IsInPod(Link device, RouteClient host)
    {
        if (!Resembles(device))
            return false;
        if (IsKnownHardware)
            return true;
        // The other end ends with a veth, so what it leads to is no other one.
        return Kind == VethLink.Kind && PeerNamespaceId is null && PeerIndex is not null
            ? HostEnd.Find(host, device) is not null
            : device.Index == Index;
    }

    /// <summary>Whether a device on the host is the one that was lent.</summary>
    public bool IsOnHost(Link device) => IsBack(device) && (IsKnownHardware || device.Index == Index);

    /// <summary>
    /// Whether a device that has just been taken out of the pod is the one that was lent: what it stands on is where it was.
    /// </summary>
    public bool IsBack(Link device) => Resembles(device) && device.PeerNamespaceId == PeerNamespaceId;

    /// <summary>What makes a device what it was, apart from its names.</summary>
    public LinkChange Restore(Link device) => new()
    {
        Mac = Mac is { } mac && device.Mac != mac ? mac : null,
        Mtu = device.Mtu != Mtu ? Mtu : null,
        Promiscuous = Flags.HasFlag(LinkFlags.Promiscuous),
        AllMulticast = Flags.HasFlag(LinkFlags.AllMulticast),
        Alias = Alias,
    };

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="tag">Of the attachment.</param>
    /// <exception cref="CniException">It is something else.</exception>
    public static HostDeviceRecord Parse(ReadOnlySpan<byte> text, string tag)
    {
        HostDeviceRecord record = new() { Tag = tag, Name = "", Index = 0 };
        JsonCursor json = new(text, Document);
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("name"u8))
                record = record with { Name = json.String() };
            else if (json.Is("alternativeNames"u8))
                record = record with { AlternativeNames = json.Strings() };
            else if (json.Is("alias"u8))
                record = record with { Alias = json.String() };
            else if (json.Is("mac"u8))
                record = record with { Mac = json.Mac() };
            else if (json.Is("mtu"u8))
                record = record with { Mtu = json.Int32() };
            else if (json.Is("flags"u8))
                record = record with { Flags = (LinkFlags)json.UInt32() & Kept };
            else if (json.Is("ifindex"u8))
                record = record with { Index = json.Int32() };
            else if (json.Is("kind"u8))
                record = record with { Kind = json.String() };
            else if (json.Is("permanentMac"u8))
                record = record with { PermanentMac = json.Mac() };
            else if (json.Is("hardware"u8))
                record = record with { ParentDevice = json.String() };
            else if (json.Is("peer"u8))
                record = record with { PeerIndex = json.Int32() };
            else if (json.Is("peerNamespace"u8))
                record = record with { PeerNamespaceId = json.Int32() };
        }
        json.Finish();
        return InterfaceName.IsValid(record.Name) ? record : throw json.Lacks("name");
    }

    /// <summary>The record as UTF-8, with the names of its attachment for people.</summary>
    public byte[] Write(CniInvocation owner) => JsonOutput.Write(json =>
    {
        json.WriteString("network"u8, owner.Network);
        json.WriteString("containerID"u8, owner.ContainerId);
        json.WriteString("ifname"u8, owner.IfName);
        json.WriteString("name"u8, Name);
        json.WriteStartArray("alternativeNames"u8);
        foreach (string name in AlternativeNames)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("alias"u8, Alias);
        if (Mac is { } mac)
            json.WriteString("mac"u8, mac.ToString());
        json.WriteNumber("mtu"u8, Mtu);
        json.WriteNumber("flags"u8, (uint)Flags);
        json.WriteNumber("ifindex"u8, Index);
        if (Kind is not null)
            json.WriteString("kind"u8, Kind);
        if (PermanentMac is { } permanent)
            json.WriteString("permanentMac"u8, permanent.ToString());
        if (ParentDevice is not null)
            json.WriteString("hardware"u8, ParentDevice);
        if (PeerIndex is { } peer)
            json.WriteNumber("peer"u8, peer);
        if (PeerNamespaceId is { } peerNamespace)
            json.WriteNumber("peerNamespace"u8, peerNamespace);
    });

    private bool Resembles(Link device) => device.Kind == Kind && device.PermanentMac == PermanentMac && device.ParentDevice == ParentDevice
        && device.PeerIndex == PeerIndex && !device.Flags.HasFlag(LinkFlags.Loopback);
}
