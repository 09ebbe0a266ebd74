using Cni;
using Linux.Addresses;

namespace Plugins.Interfaces.HostDevice;

/// <summary>The keys of <c>host-device</c> as they stand in the configuration; docs/host-device.md says what they mean.</summary>
internal sealed class HostDeviceConfig
{
    public string Device { get; private set; } = "";

    /// <summary><c>hwaddr</c>.</summary>
    public MacAddress? HardwareAddress { get; private set; }

    public string KernelPath { get; private set; } = "";

    /// <summary><c>pciBusID</c>.</summary>
    public string PciId { get; private set; } = "";

    /// <summary><c>runtimeConfig.deviceID</c>.</summary>
    public string DeviceId { get; private set; } = "";

    public bool EnableDad { get; private set; }

    public int? RouteMetric { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static HostDeviceConfig Read(JsonCursor json)
    {
        HostDeviceConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("device"u8))
                config.Device = json.String();
            else if (json.Is("hwaddr"u8))
                config.HardwareAddress = json.Mac();
            else if (json.Is("kernelpath"u8))
                config.KernelPath = json.String();
            else if (json.Is("pciBusID"u8))
                config.PciId = json.String();
            else if (json.Is("enabledad"u8))
                config.EnableDad = json.Boolean();
            else if (json.Is("routeMetric"u8))
                config.RouteMetric = Configuration.RouteMetric.Read(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.ReadRuntimeConfig(ref json);
        }
        return config;
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("deviceID"u8))
                DeviceId = json.String();
        }
    }
}
