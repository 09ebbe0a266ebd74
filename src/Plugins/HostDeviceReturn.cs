using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>The way of a device back to the host, under its old name and as it was.</summary>
internal static class HostDeviceReturn
{
    /// <summary>
    /// Takes a device out of a pod. A name that somebody else has on the host by now is found out before anything is changed: the device
    /// stays in the pod then.
    /// </summary>
    /// <param name="device">The device in the pod.</param>
    /// <param name="record">What it was; null if nothing but its alias tells.</param>
    /// <param name="inside">The pod's links.</param>
    /// <param name="host">The host's links.</param>
    /// <param name="hostNamespace">Where the device goes.</param>
    /// <exception cref="CniException">The name is taken.</exception>
    public static void FromPod(Link device, HostDeviceRecord? record, RouteClient inside, RouteClient host, NetworkNamespace hostNamespace)
    {
        string name = record?.Name ?? (device.Alias is { Length: > 0 } alias ? alias : device.Name);
        if (host.FindLink(name) is not null)
            throw NameIsTaken(name, device.Name);
        // One request: the kernel takes the new name only while it moves the device if the old one is taken on the host, and renames it afterwards else.
        inside.SetLink(device.Index, new LinkChange { Up = false, TargetNamespace = hostNamespace, Name = name, Alias = "" });
        if (record is not null && host.FindLink(name) is { } returned)
            Restore(returned, record, host);
    }

    /// <summary>Makes a device what it was that has come back without us: its pod's namespace ended, or a DEL was killed half way.</summary>
    /// <param name="device">The device on the host.</param>
    /// <param name="record">What it was.</param>
    /// <param name="host">The host's links.</param>
    /// <exception cref="CniException">Its name is taken.</exception>
    public static void OnHost(Link device, HostDeviceRecord record, RouteClient host)
    {
        if (device.Name != record.Name)
        {
            if (host.FindLink(record.Name) is not null)
                throw NameIsTaken(record.Name, device.Name);
            // Kernels before 6.2 rename only what is down.
            host.SetLink(device.Index, new LinkChange { Up = false });
            host.SetLink(device.Index, new LinkChange { Name = record.Name, Alias = "" });
        }
        Restore(device, record, host);
    }

    private static void Restore(Link device, HostDeviceRecord record, RouteClient host)
    {
        RouteBatch batch = new();
        batch.SetLink(device.Index, record.Restore(device) with { Alias = "" });
        if (record.WasUp)
            batch.SetLink(device.Index, new LinkChange { Up = true });
        // Last, so that whoever finds them knows that there is something left to do.
        string[] names = [.. record.Names.Intersect(device.AlternativeNames)];
        if (names.Length > 0)
            batch.DeleteAlternativeNames(device.Index, names);
        host.Execute(batch);
    }

    private static CniException NameIsTaken(string name, string now) => new(
        CniErrorCode.AlreadyExists,
        $"the device that is now {now} cannot get its name {name} back on the host, where another interface has it; rename that one and run DEL again");
}
