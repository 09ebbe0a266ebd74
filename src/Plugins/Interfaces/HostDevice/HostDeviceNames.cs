using System.Globalization;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.HostDevice;

/// <summary>
/// What tells of a device that was lent without a record on the host, by a version of this plugin before there were records (as alternative
/// names: the attachment's tag, and one that holds all of it) or by the reference's plugin (its old name as alias). A pod can write all of
/// that, so it counts only on a device that the pod cannot have made.
/// </summary>
internal static class HostDeviceNames
{
    /// <summary>What the alternative names of a device tell; null if they tell nothing.</summary>
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
                return Of(device, tag, (LinkFlags)flags) with
                {
                    Name = fields[4],
                    AlternativeNames = [.. device.AlternativeNames.Where(other => AttachmentTag.Find(other) is null)],
                    Mac = MacAddress.TryParse(fields[1], out MacAddress mac) ? mac : null,
                    Mtu = mtu,
                };
            }
        }
        return null;
    }

    /// <summary>What the alias of a device tells: nothing but its name; null if it is none.</summary>
    public static HostDeviceRecord? FindInAlias(Link device, string tag) => InterfaceName.IsValid(device.Alias ?? "")
        ? Of(device, tag, LinkFlags.None) with { Name = device.Alias! }
        : null;

    /// <summary>
    /// Whether a device in a pod came from the host: it is hardware, or stands on something of the host's, and is not the interface that
    /// another plugin of ours has given to the pod.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="host">The host's links.</param>
    public static bool IsFromHost(Link device, RouteClient host)
    {
        if (device.Flags.HasFlag(LinkFlags.Loopback))
            return false;
        if (device.Kind is null)
            return true;
        return device is { PeerIndex: { } peer, PeerNamespaceId: >= 0 } && AttachmentTag.Find(device.Alias ?? "") is null
            && host.FindLink(peer) is { } below && AttachmentTag.Find(below.Alias ?? "") is null
            && (device.Kind != VethLink.Kind || (below.Kind == VethLink.Kind && below.PeerIndex == device.Index));
    }

    /// <summary>
    /// What it stands on is on the host (<see cref="IsFromHost"/>), whatever number the host has where the device is now.
    /// </summary>
    private static HostDeviceRecord Of(Link device, string tag, LinkFlags flags) =>
        HostDeviceRecord.Of(device with { Flags = flags, Alias = null, PeerNamespaceId = null }, tag);
}
