using System.Globalization;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// What a device was on the host. It travels with the device as alternative names: one that is the attachment's tag, so that the device is
/// found whatever the pod calls it, and one that holds all of this. Where they cannot be (kernels before 5.5) or are not (a plugin of another
/// make did the ADD) the alias still tells the name.
/// </summary>
/// <param name="Tag">Of the attachment that has the device.</param>
/// <param name="Mac">Its MAC address; null if it has none of 6 bytes.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="Flags">Those of <see cref="Kept"/> that it had.</param>
/// <param name="Name">Its name.</param>
internal sealed record HostDeviceRecord(string Tag, MacAddress? Mac, int Mtu, LinkFlags Flags, string Name)
{
    private const LinkFlags Kept = LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.AllMulticast;

    /// <summary>The alternative names.</summary>
    public IReadOnlyList<string> Names =>
        [Tag, string.Create(CultureInfo.InvariantCulture, $"{Tag} {Mac?.ToString() ?? "-"} {Mtu} {(uint)Flags:x} {Name}")];

    /// <summary>Whether it was switched on.</summary>
    public bool WasUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>Of a device that is still on the host.</summary>
    public static HostDeviceRecord Of(Link device, AttachmentTag tag) => new(tag.Text, device.Mac, device.Mtu, device.Flags & Kept, device.Name);

    /// <summary>The record that a device bears; null if it bears none.</summary>
    public static HostDeviceRecord? Find(Link device)
    {
        foreach (string name in device.AlternativeNames)
        {
            string[] fields = name.Split(' ', 5);
            if (fields.Length == 5 && AttachmentTag.Find(name) is { } tag
                && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out int mtu)
                && uint.TryParse(fields[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint flags)
                && InterfaceName.IsValid(fields[4]))
            {
                return new HostDeviceRecord(tag, MacAddress.TryParse(fields[1], out MacAddress mac) ? mac : null, mtu, (LinkFlags)flags & Kept, fields[4]);
            }
        }
        return null;
    }

    /// <summary>What makes a device what it was, apart from its name.</summary>
    public LinkChange Restore(Link device) => new()
    {
        Mac = Mac is { } mac && device.Mac != mac ? mac : null,
        Mtu = device.Mtu != Mtu ? Mtu : null,
        Promiscuous = Flags.HasFlag(LinkFlags.Promiscuous),
        AllMulticast = Flags.HasFlag(LinkFlags.AllMulticast),
    };
}
