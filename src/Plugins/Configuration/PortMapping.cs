using System.Globalization;
using System.Net;
using Cni;
using Linux.Addresses;

namespace Plugins.Configuration;

/// <summary>A port of the host that leads to a port of the pod.</summary>
/// <param name="HostAddress">
/// The host's address that it is published on: one of its own, 0.0.0.0 or :: for all of a family, null for all.
/// </param>
/// <param name="Protocol">Which of the transport protocols.</param>
/// <param name="HostPort">1 to 65535.</param>
/// <param name="ContainerPort">1 to 65535.</param>
internal sealed record PortMapping(IPAddress? HostAddress, PortProtocol Protocol, ushort HostPort, ushort ContainerPort)
{
    /// <summary>The one address of the host that it is published on; null if that is any.</summary>
    public IPAddress? OnlyAddress =>
        HostAddress is null || HostAddress.Equals(IPAddress.Any) || HostAddress.Equals(IPAddress.IPv6Any) ? null : HostAddress;

    /// <summary>As it is written: <c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public string ProtocolName => Protocol switch
    {
        PortProtocol.Tcp => "tcp",
        PortProtocol.Udp => "udp",
        _ => "sctp",
    };

    /// <summary>Whether it is published on addresses of a family.</summary>
    public bool IsOf(IpFamily family) => HostAddress is null || HostAddress.Family == family;

    /// <summary>Checks one entry of <c>portMappings</c>.</summary>
    /// <param name="config">The entry.</param>
    /// <param name="index">Its place, for messages.</param>
    /// <exception cref="CniException">A value cannot be; the message names its key.</exception>
    public static PortMapping Check(PortMappingConfig config, int index)
    {
        string place = $"runtimeConfig.portMappings[{index.ToString(CultureInfo.InvariantCulture)}]";
        return new PortMapping(
            config.HostIP,
            CheckProtocol(config.Protocol, place),
            CheckPort(config.HostPort, place, "hostPort"),
            CheckPort(config.ContainerPort, place, "containerPort"));
    }

    /// <summary>For messages: <c>tcp port 8080</c>, <c>tcp port 8080 of 10.0.0.1</c>.</summary>
    public override string ToString() =>
        $"{ProtocolName} port "
        + $"{HostPort.ToString(CultureInfo.InvariantCulture)}{(OnlyAddress is { } only ? $" of {IpText.Format(only)}" : "")}";

    // Multus takes it from an annotation of the pod, which may leave it out.
    private static PortProtocol CheckProtocol(string text, string place) => text.ToLowerInvariant() switch
    {
        "" or "tcp" => PortProtocol.Tcp,
        "udp" => PortProtocol.Udp,
        "sctp" => PortProtocol.Sctp,
        _ => throw CniException.InvalidConfig($"{place}.protocol is \"{text}\", expected tcp, udp or sctp"),
    };

    private static ushort CheckPort(int port, string place, string key) => port is > 0 and <= ushort.MaxValue
        ? (ushort)port
        : throw CniException.InvalidConfig(
            $"{place}.{key} is {port.ToString(CultureInfo.InvariantCulture)}, expected a port from 1 to 65535");
}
