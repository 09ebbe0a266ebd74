using Cni;
using Datapath.Attachments;
using Datapath.Node;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.HostDevice;

/// <summary>
/// <c>host-device</c>: lends a device of the host to a pod. Keys and their meaning: docs/host-device.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
/// <param name="sysfs">Where sysfs is mounted.</param>
/// <param name="records">Where it is written down what was lent.</param>
internal sealed class HostDevicePlugin(
    IpamPlugins ipam, string sysfs = "/sys", string records = "/run/cni/host-device") : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "host-device";

    /// <inheritdoc/>
    internal override string? LinkKind => null;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call)
    {
        Sysfs devices = new(sysfs);
        return new Step(HostDeviceSettings.Read(call, devices), devices, new HostDeviceRecords(call, records));
    }

    /// <inheritdoc/>
    internal override LinkRemoval RemovalOf(CniInvocation call, AttachmentTag tag) =>
        new HostDeviceRemoval(call, tag, new HostDeviceRecords(call, records));

    /// <summary>
    /// The kernel sends a device to the host when its pod's namespace ends; there it gets its name and its settings back.
    /// </summary>
    internal override void CollectLinks(GcScope valid)
    {
        using RouteClient host = RouteClient.Open();
        HostDeviceRecords lent = new(valid.Call, records);
        List<Link> links = host.ListLinks();
        BestEffortSteps cleanUp = new();
        foreach (HostDeviceRecord record in lent.All().Where(record => valid.IsGarbage(record.Tag)).ToList())
        {
            if (links.Find(record.IsOnHost) is not { } back)
                continue;
            cleanUp.Try(() =>
            {
                HostDeviceReturn.OnHost(back, record, host);
                lent.Delete(record.Tag);
            });
        }
        foreach (Link link in links.Where(link => link.Kind is null && lent.FindOf(link) is null))
        {
            if (HostDeviceNames.Find(link) is { } told && valid.IsGarbage(told.Tag))
                cleanUp.Try(() => HostDeviceReturn.OnHost(link, told, host));
        }
        cleanUp.ThrowIfFailed();
    }

    private sealed class Step(HostDeviceSettings settings, Sysfs sysfs, HostDeviceRecords records) : IInterfaceDriver
    {
        public InterfaceSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site)
        {
            if (!Pod.HasInterface)
                return new PlainPodLink(Index: 0, default, Mtu: 0);
            Link device = FindOnHost(site.Host);
            string ifName = site.Call.IfName;
            using RouteClient inside = RouteClient.Open(site.Pod);
            if (inside.FindLink(ifName) is not null)
                throw PodLinkCreation.NameIsTaken(ifName);
            if (records.Find(site.Tag.Text) is { } earlier && inside.ListLinks().Exists(link => earlier.IsInPod(link, site.Host)))
            {
                throw new CniException(
                    CniErrorCode.AlreadyExists, $"this container's {ifName} has the device {earlier.Name} already; run DEL first");
            }
            HostDeviceRecord record = HostDeviceRecord.Of(device, site.Tag.Text);
            site.Undo.Push($"give {device.Name} back", () => GiveBack(site, record));
            records.Keep(record);
            // With the alias the reference's plugin takes it back, too.
            site.Host.SetLink(device.Index, new LinkChange { TargetNamespace = site.Pod, Name = ifName, Alias = device.Name });
            Link lent = inside.FindLink(ifName)
                ?? throw new CniException(CniErrorCode.TryAgainLater, $"device {device.Name} went away while it was moved to CNI_NETNS");
            if (lent.Index != record.Index)
                records.Keep(record with { Index = lent.Index });
            return new PlainPodLink(lent.Index, lent.Mac ?? default, lent.Mtu);
        }

        /// <summary>There is nothing to a lent device but what every interface has.</summary>
        public void Check(LinkCheck check)
        {
        }

        private Link FindOnHost(RouteClient host)
        {
            Link device = Find(host);
            if (device.Flags.HasFlag(LinkFlags.Loopback))
                throw CniException.InvalidConfig($"{device.Name} is the host's loopback interface, which cannot be lent");
            HostDeviceRecord? recorded = records.FindOf(device);
            if ((recorded ?? (device.Kind is null ? HostDeviceNames.Find(device) : null)) is not { } record)
                return device;
            // Its last pod's namespace ended without a DEL.
            HostDeviceReturn.OnHost(device, record, host);
            if (recorded is not null)
                records.Delete(recorded.Tag);
            return host.FindLink(device.Index) ?? device;
        }

        private Link Find(RouteClient host)
        {
            if (settings.Device.Length > 0)
            {
                return host.FindLink(settings.Device)
                    ?? throw CniException.InvalidConfig(
                        $"device is \"{settings.Device}\", and the host has no interface of that name; perhaps a pod has it");
            }
            if (settings.HardwareAddress is { } mac)
            {
                // What stands on a device may share its address.
                return host.ListLinks().Where(link => link.Mac == mac).OrderBy(static link => link.Kind is not null).FirstOrDefault()
                    ?? throw CniException.InvalidConfig(
                        $"hwaddr is \"{mac}\", and no interface on the host has that address; perhaps a pod has it");
            }
            if (settings.KernelPath.Length > 0)
                return FindNamed(host, sysfs.FindOfPath(settings.KernelPath), "kernelpath", settings.KernelPath);
            return settings.AuxiliaryId.Length > 0 && settings.PciId.Length == 0
                ? FindNamed(host, sysfs.FindOfAuxiliary(settings.AuxiliaryId), "runtimeConfig.deviceID", settings.AuxiliaryId)
                : FindNamed(host, sysfs.FindOfPci(settings.PciId), "pciBusID", settings.PciId);
        }

        private static Link FindNamed(RouteClient host, string? name, string key, string value) =>
            (name is not null ? host.FindLink(name) : null)
            ?? throw CniException.InvalidConfig(
                $"{key} is \"{value}\", and that device has no interface on the host; perhaps a pod has it, or no driver of the kernel's "
                + "drives it");

        private void GiveBack(LinkSite site, HostDeviceRecord record)
        {
            using RouteClient inside = RouteClient.Open(site.Pod);
            using NetworkNamespace own = NetworkNamespace.Current();
            // The record may not say yet which index it has there.
            Link? lent = inside.FindLink(site.Call.IfName) is { } named && (record with { Index = named.Index }).IsInPod(named, site.Host)
                ? named
                : inside.ListLinks().Find(link => record.IsInPod(link, site.Host));
            if (lent is not null
                ? HostDeviceReturn.FromPod(lent, record, inside, site.Host, own)
                : site.Host.FindLink(record.Name) is { } stayed && record.IsOnHost(stayed))
            {
                records.Delete(record.Tag);
            }
        }
    }
}
