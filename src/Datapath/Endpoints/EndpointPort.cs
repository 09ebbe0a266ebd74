using System.Net;

namespace Datapath.Endpoints;

/// <summary>A port of the node that leads to a port of the pod.</summary>
/// <param name="HostAddress">Which address of the node; null for all.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostPort">1 to 65535.</param>
/// <param name="ContainerPort">1 to 65535.</param>
public sealed record EndpointPort(IPAddress? HostAddress, string Protocol, ushort HostPort, ushort ContainerPort);
