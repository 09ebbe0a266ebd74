using Cni;
using Linux.Addresses;
using Plugins.Configuration;

namespace Plugins.Interfaces.Tap;

/// <summary>A <c>tap</c> configuration that has been found good; docs/tap.md says what its keys mean.</summary>
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
        string mac = "", runtimeMac = "", selinuxContext = "", bridge = "";
        bool multiQueue = false;
        int mtu = 0;
        int? routeMetric = null;
        uint? owner = null, group = null;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("multiQueue"u8))
                multiQueue = json.Boolean();
            else if (json.Is("mtu"u8))
                mtu = json.Int32();
            else if (json.Is("mac"u8))
                mac = json.String();
            else if (json.Is("owner"u8))
                owner = json.UInt32();
            else if (json.Is("group"u8))
                group = json.UInt32();
            else if (json.Is("selinuxContext"u8))
                selinuxContext = json.String();
            else if (json.Is("bridge"u8))
                bridge = json.String();
            else if (json.Is("routeMetric"u8))
                routeMetric = RouteMetric.Read(ref json);
            else if (json.Is("runtimeConfig"u8))
                runtimeMac = RequestedMac.ReadMember(ref json);
        }
        if (bridge.Length > 0 && InterfaceName.Problem(bridge) is { } problem)
            throw CniException.InvalidConfig($"bridge is \"{bridge}\", which {problem}");
        return new TapSettings
        {
            Pod = new InterfaceSettings { IpamType = call.IpamType, Dns = call.Dns, RouteMetric = routeMetric },
            MultiQueue = multiQueue,
            Mtu = RequestedMtu.Check(mtu),
            Mac = RequestedMac.ReadOverConfig(call, mac, runtimeMac),
            Owner = owner,
            Group = group,
            SelinuxContext = selinuxContext,
            Bridge = bridge,
        };
    }
}
