using Cni;
using Datapath.Node;
using Linux.Addresses;

namespace Plugins.Interfaces.HostDevice;

/// <summary>A <c>host-device</c> configuration that has been found good.</summary>
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
        HostDeviceConfig config = HostDeviceConfig.Read(call.Config());
        (string device, string kernelPath, string pciId) = (config.Device, config.KernelPath, config.PciId);
        string auxiliaryId = "";
        if (config.DeviceId.Length > 0 && sysfs.HasPciDevice(config.DeviceId))
            pciId = config.DeviceId;
        else if (config.DeviceId.Length > 0 && sysfs.HasAuxiliaryDevice(config.DeviceId))
            auxiliaryId = config.DeviceId;
        else if (config.DeviceId.Length > 0)
        {
            throw CniException.InvalidConfig(
                $"runtimeConfig.deviceID is \"{config.DeviceId}\", and the host has neither a PCI nor an auxiliary device of that name");
        }
        if (device.Length == 0 && config.HardwareAddress is null && kernelPath.Length == 0 && pciId.Length == 0 && auxiliaryId.Length == 0)
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
        bool byPci = device.Length == 0 && config.HardwareAddress is null && kernelPath.Length == 0 && pciId.Length > 0;
        return new HostDeviceSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = call.IpamType,
                Dns = call.Dns,
                DuplicateAddressDetection = config.EnableDad,
                RouteMetric = config.RouteMetric,
                HasInterface = !byPci || !sysfs.IsDrivenFromUserSpace(pciId),
            },
            Device = device,
            HardwareAddress = config.HardwareAddress,
            KernelPath = kernelPath,
            PciId = pciId,
            AuxiliaryId = auxiliaryId,
        };
    }
}
