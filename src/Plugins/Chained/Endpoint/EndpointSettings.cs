using Cni;
using Datapath.Endpoints;
using Plugins.Configuration;

namespace Plugins.Chained.Endpoint;

/// <summary>An <c>endpoint</c> configuration that has been found good, with all its sources made one.</summary>
internal sealed record EndpointSettings
{
    public required EndpointIdentity Identity { get; init; }

    /// <summary>Those that the configuration gives are stronger than what is known of a Nomad job.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>No two are the same.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    public required IReadOnlyList<EndpointPort> Ports { get; init; }

    /// <summary>Whether the pod's traffic is to wait for its policy.</summary>
    public required bool Gate { get; init; }

    /// <summary>Where records are kept.</summary>
    public required string DataDir { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static EndpointSettings Read(CniInvocation call)
    {
        EndpointConfig config = EndpointConfig.Read(call);
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach ((string key, string value) in EndpointIdentity.Labels(call.Args).Concat(config.Labels))
            labels[key] = value;
        return new EndpointSettings
        {
            Identity = EndpointIdentity.Read(call.Args),
            Labels = labels,
            Annotations = config.Annotations,
            Aliases = [.. config.Aliases.Distinct()],
            Ports = [.. config.PortMappings.Select(PortMapping.Check).Select(static port =>
                new EndpointPort(port.HostAddress, port.ProtocolName, port.HostPort, port.ContainerPort))],
            Gate = config.Gate,
            DataDir = config.DataDir,
        };
    }
}
