using Cni;
using Linux.Addresses;
using Plugins.Configuration;

namespace Plugins.Interfaces.Tap;

/// <summary>A <c>tap</c> configuration that has been found good.</summary>
internal sealed record TapSettings
{
    public required InterfaceSettings Pod { get; init; }

    public required bool MultiQueue { get; init; }

    /// <summary>Bytes; null for the kernel's default.</summary>
    public required int? Mtu { get; init; }

    /// <summary>Null for a random one.</summary>
    public required MacAddress? Mac { get; init; }

    /// <summary>The user ID that may attach to it; null for nobody without privilege.</summary>
    public required uint? Owner { get; init; }

    /// <summary>The group ID that may attach to it; null for nobody without privilege.</summary>
    public required uint? Group { get; init; }

    /// <summary>The SELinux context in which it is made; "" for the plugin's own.</summary>
    public required string SelinuxContext { get; init; }

    /// <summary>A bridge in the pod that it becomes a port of; "" for none.</summary>
    public required string Bridge { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static TapSettings Read(CniInvocation call)
    {
        TapConfig config = TapConfig.Read(call.Config());
        if (config.Bridge.Length > 0 && InterfaceName.Problem(config.Bridge) is { } problem)
            throw CniException.InvalidConfig($"bridge is \"{config.Bridge}\", which {problem}");
        return new TapSettings
        {
            Pod = new InterfaceSettings { IpamType = call.IpamType, Dns = call.Dns, RouteMetric = config.RouteMetric },
            MultiQueue = config.MultiQueue,
            Mtu = RequestedMtu.Check(config.Mtu),
            Mac = RequestedMac.ReadOverConfig(call, config.Mac, config.RuntimeMac),
            Owner = config.Owner,
            Group = config.Group,
            SelinuxContext = config.SelinuxContext,
            Bridge = config.Bridge,
        };
    }
}
