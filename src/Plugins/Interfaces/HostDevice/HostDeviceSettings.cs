using Cni;
using Datapath.Node;
using Linux.Addresses;
using Plugins.Configuration;

namespace Plugins.Interfaces.HostDevice;

/// <summary>A <c>host-device</c> configuration that has been found good; docs/host-device.md says what its keys mean.</summary>
internal sealed record HostDeviceSettings
{
    public required InterfaceSettings Pod { get; init; }

    /// <summary>The interface's name; "" if it is found otherwise, as the keys below are.</summary>
    public required string Device { get; init; }

    public required MacAddress? HardwareAddress { get; init; }

    public required string KernelPath { get; init; }

    public required string PciId { get; init; }

    public required string AuxiliaryId { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static HostDeviceSettings Read(CniInvocation call, Sysfs sysfs)
    {
        string device = "", kernelPath = "", pciId = "", deviceId = "";
        MacAddress? hardwareAddress = null;
        bool enableDad = false;
        int? routeMetric = null;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("device"u8))
                device = json.String();
            else if (json.Is("hwaddr"u8))
                hardwareAddress = json.Mac();
            else if (json.Is("kernelpath"u8))
                kernelPath = json.String();
            else if (json.Is("pciBusID"u8))
                pciId = json.String();
            else if (json.Is("enabledad"u8))
                enableDad = json.Boolean();
            else if (json.Is("routeMetric"u8))
                routeMetric = RouteMetric.Read(ref json);
            else if (json.Is("runtimeConfig"u8))
                deviceId = ReadDeviceId(ref json);
        }
        string auxiliaryId = "";
        if (deviceId.Length > 0 && sysfs.HasPciDevice(deviceId))
            pciId = deviceId;
        else if (deviceId.Length > 0 && sysfs.HasAuxiliaryDevice(deviceId))
            auxiliaryId = deviceId;
        else if (deviceId.Length > 0)
        {
            throw CniException.InvalidConfig(
                $"runtimeConfig.deviceID is \"{deviceId}\", and the host has neither a PCI nor an auxiliary device of that name");
        }
        if (device.Length == 0 && hardwareAddress is null && kernelPath.Length == 0 && pciId.Length == 0 && auxiliaryId.Length == 0)
        {
            throw CniException.InvalidConfig(
                "none of device, hwaddr, kernelpath, pciBusID and runtimeConfig.deviceID says which device is meant; set one of them");
        }
        if (device.Length > 0 && InterfaceName.Problem(device) is { } problem)
            throw CniException.InvalidConfig($"device is \"{device}\", which {problem}");
        if (kernelPath.Length > 0
            && (!kernelPath.StartsWith(Sysfs.DevicesPrefix, StringComparison.Ordinal) || kernelPath.Split('/').Contains("..")))
        {
            throw CniException.InvalidConfig($"kernelpath is \"{kernelPath}\", expected an absolute path below {Sysfs.DevicesPrefix}");
        }
        bool byPci = device.Length == 0 && hardwareAddress is null && kernelPath.Length == 0 && pciId.Length > 0;
        return new HostDeviceSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = call.IpamType,
                Dns = call.Dns,
                DuplicateAddressDetection = enableDad,
                RouteMetric = routeMetric,
                HasInterface = !byPci || !sysfs.IsDrivenFromUserSpace(pciId),
            },
            Device = device,
            HardwareAddress = hardwareAddress,
            KernelPath = kernelPath,
            PciId = pciId,
            AuxiliaryId = auxiliaryId,
        };
    }

    private static string ReadDeviceId(ref JsonCursor json)
    {
        string id = "";
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("deviceID"u8))
                id = json.String();
        }
        return id;
    }
}
