using Cni;
using Linux;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.HostDevice;

/// <summary>The way of a device back to the host, under its old name and as it was.</summary>
internal static class HostDeviceReturn
{
    /// <summary>
    /// Takes a device out of a pod. A name that somebody else has on the host by now is found out before anything is changed: the device
    /// stays in the pod then.
    /// </summary>
    /// <param name="device">The device in the pod.</param>
    /// <param name="record">What it was.</param>
    /// <param name="inside">The pod's links.</param>
    /// <param name="host">The host's links.</param>
    /// <param name="hostNamespace">Where the device goes.</param>
    /// <returns>False if it was another one, made to look like it; that is deleted.</returns>
    /// <exception cref="CniException">The name is taken.</exception>
    public static bool FromPod(Link device, HostDeviceRecord record, RouteClient inside, RouteClient host, NetworkNamespace hostNamespace)
    {
        if (host.FindLink(record.Name) is not null)
            throw NameIsTaken(record.Name, device.Name);
        // Names that the pod has given would come along, and one that the host knows would keep the device in the pod.
        DeleteNames(inside, device, [.. device.AlternativeNames.Except(record.AlternativeNames)]);
        // One request: the kernel takes the new name only while it moves the device if the old one is taken on the host, and renames it
        // afterwards else.
        inside.SetLink(device.Index, new LinkChange { Up = false, TargetNamespace = hostNamespace, Name = record.Name, Alias = "" });
        if (host.FindLink(record.Name) is not { } returned)
            return false;
        if (!record.IsBack(returned))
        {
            _ = host.TryDeleteLink(returned.Index);
            return false;
        }
        Restore(returned, record, host);
        return true;
    }

    /// <summary>
    /// Makes a device what it was that has come back without us: its pod's namespace ended, or a DEL was killed half way.
    /// </summary>
    /// <param name="device">The device on the host.</param>
    /// <param name="record">What it was.</param>
    /// <param name="host">The host's links.</param>
    /// <exception cref="CniException">Its name is taken.</exception>
    public static void OnHost(Link device, HostDeviceRecord record, RouteClient host)
    {
        if (device.Name != record.Name)
        {
            if (host.FindLink(record.Name) is { } holder && holder.Index != device.Index)
                throw NameIsTaken(record.Name, device.Name);
            DeleteNames(host, device, [.. device.AlternativeNames.Where(name => name == record.Name)]);
            // Kernels before 6.2 rename only what is down.
            host.SetLink(device.Index, new LinkChange { Up = false });
            host.SetLink(device.Index, new LinkChange { Name = record.Name });
        }
        Restore(host.FindLink(device.Index) ?? device, record, host);
    }

    private static void Restore(Link device, HostDeviceRecord record, RouteClient host)
    {
        RouteBatch batch = new();
        batch.SetLink(device.Index, record.Restore(device));
        if (record.WasUp)
            batch.SetLink(device.Index, new LinkChange { Up = true });
        string[] missing = [.. record.AlternativeNames.Except(device.AlternativeNames)];
        if (missing.Length > 0)
            batch.AddAlternativeNames(device.Index, missing, tolerate: Errno.EEXIST);
        host.Execute(batch);
        // Last: a record that was made of them says as long that there is something left to do.
        DeleteNames(host, device, [.. device.AlternativeNames.Except(record.AlternativeNames)]);
    }

    private static void DeleteNames(RouteClient links, Link device, string[] names)
    {
        if (names.Length > 0)
            links.Execute(new RouteBatch().DeleteAlternativeNames(device.Index, names, tolerate: Errno.ENOENT));
    }

    private static CniException NameIsTaken(string name, string now) => new(
        CniErrorCode.AlreadyExists,
        $"the device that is now {now} cannot get its name {name} back on the host, where another interface has it; rename that one and "
        + "run DEL again");
}
