using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// <c>host-device</c>: lends a device of the host to a pod. Keys and their meaning: docs/host-device.md.
/// </summary>
/// <param name="sysfs">Where sysfs is mounted.</param>
public sealed class HostDevicePlugin(string sysfs = "/sys") : MainPlugin
{
    /// <inheritdoc/>
    public override string Type => "host-device";

    /// <inheritdoc/>
    internal override string? LinkKind => null;

    /// <inheritdoc/>
    internal override ILinkStep Read(CniInvocation call)
    {
        Sysfs devices = new(sysfs);
        return new Step(HostDeviceSettings.Read(call, devices), devices);
    }

    /// <inheritdoc/>
    internal override LinkRemoval RemovalOf(CniInvocation del, AttachmentTag tag) => new HostDeviceRemoval(del, tag);

    /// <summary>The kernel sends a device to the host when its pod's namespace ends; there it gets its name and its settings back.</summary>
    internal override void CollectLinks(ValidTags valid)
    {
        using RouteClient host = RouteClient.Open();
        CleanUp cleanUp = new();
        foreach (Link link in host.ListLinks())
        {
            if (HostDeviceRecord.Find(link) is { } record && valid.IsGarbage(record.Tag))
                cleanUp.Try(() => HostDeviceReturn.OnHost(link, record, host));
        }
        cleanUp.ThrowIfFailed();
    }

    private sealed class Step(HostDeviceSettings settings, Sysfs sysfs) : ILinkStep
    {
        public PodSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site)
        {
            if (!Pod.HasInterface)
                return new PodLink(Index: 0, default, Mtu: 0);
            Link device = FindOnHost(site.Host);
            string ifName = site.Call.IfName;
            using RouteClient inside = RouteClient.Open(site.Pod);
            if (inside.FindLink(ifName) is not null)
                throw LinkInPod.NameIsTaken(ifName);
            HostDeviceRecord record = HostDeviceRecord.Of(device, site.Tag);
            site.Undo.Push($"give {device.Name} back", () => GiveBack(site, record));
            // One request, so that wherever we are killed the device is either untouched or says what it was.
            site.Host.SetLink(device.Index, new LinkChange { TargetNamespace = site.Pod, Name = ifName, Alias = device.Name });
            Link lent = inside.FindLink(ifName)
                ?? throw new CniException(CniErrorCode.TryAgainLater, $"device {device.Name} went away while it was moved to CNI_NETNS");
            inside.Execute(new RouteBatch().AddAlternativeNames(lent.Index, record.Names, tolerate: Errno.EOPNOTSUPP));
            return new PodLink(lent.Index, lent.Mac ?? default, lent.Mtu);
        }

        /// <summary>There is nothing to a lent device but what every interface has.</summary>
        public void Check(LinkCheck check)
        {
        }

        private Link FindOnHost(RouteClient host)
        {
            Link device = Find(host);
            if (device.Flags.HasFlag(LinkFlags.Loopback))
                throw Invalid($"{device.Name} is the host's loopback interface, which cannot be lent");
            if (HostDeviceRecord.Find(device) is not { } record)
                return device;
            // Its last pod's namespace ended without a DEL.
            HostDeviceReturn.OnHost(device, record, host);
            return host.FindLink(device.Index) ?? device;
        }

        private Link Find(RouteClient host)
        {
            if (settings.Device.Length > 0)
                return host.FindLink(settings.Device) ?? throw Invalid($"device is \"{settings.Device}\", and the host has no interface of that name; perhaps a pod has it");
            if (settings.HardwareAddress is { } mac)
            {
                // What stands on a device may share its address.
                return host.ListLinks().Where(link => link.Mac == mac).OrderBy(static link => link.Kind is not null).FirstOrDefault()
                    ?? throw Invalid($"hwaddr is \"{mac}\", and no interface on the host has that address; perhaps a pod has it");
            }
            if (settings.KernelPath.Length > 0)
                return FindNamed(host, sysfs.FindOfPath(settings.KernelPath), "kernelpath", settings.KernelPath);
            return settings.AuxiliaryId.Length > 0 && settings.PciId.Length == 0
                ? FindNamed(host, sysfs.FindOfAuxiliary(settings.AuxiliaryId), "runtimeConfig.deviceID", settings.AuxiliaryId)
                : FindNamed(host, sysfs.FindOfPci(settings.PciId), "pciBusID", settings.PciId);
        }

        private static Link FindNamed(RouteClient host, string? name, string key, string value) =>
            (name is not null ? host.FindLink(name) : null)
            ?? throw Invalid($"{key} is \"{value}\", and that device has no interface on the host; perhaps a pod has it, or no driver of the kernel's drives it");

        private static void GiveBack(LinkSite site, HostDeviceRecord record)
        {
            using RouteClient inside = RouteClient.Open(site.Pod);
            using NetworkNamespace own = NetworkNamespace.Current();
            if (inside.FindLink(site.Call.IfName) is { } device && device.Alias == record.Name)
                HostDeviceReturn.FromPod(device, record, inside, site.Host, own);
        }

        private static CniException Invalid(string message) => new(CniErrorCode.InvalidNetworkConfig, message);
    }
}
