using System.Net;
using Datapath.Endpoints;
using Netlink.WireGuard;

namespace Agent.Configuration;

/// <summary>What an agent is told when it starts, and what it does not learn from the store.</summary>
public sealed record AgentOptions
{
    /// <summary>The cluster's name; several may share a store.</summary>
    public required string Cluster { get; init; }

    /// <summary>This node's name, unique in the cluster.</summary>
    public required string Node { get; init; }

    /// <summary>This node's addresses, by which others reach it: at most one of a family, at least one.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>The agent's version.</summary>
    public required string Version { get; init; }

    /// <summary>This node's public key for WireGuard, which it tells the others; null if it has none.</summary>
    public WireGuardKey? WireGuardKey { get; init; }

    /// <summary>Holds what may be lost with the boot.</summary>
    public string RuntimeDirectory { get; init; } = "/run/cniagent";

    /// <summary>Holds what must survive it.</summary>
    public string StateDirectory { get; init; } = "/var/lib/cniagent";

    /// <summary>Where runtimes read networks.</summary>
    public string NetworkDirectory { get; init; } = "/etc/cni/net.d";

    /// <summary>Where the <c>endpoint</c> of those networks says which pods there are.</summary>
    public string EndpointDirectory { get; init; } = EndpointStore.DefaultDirectory;

    /// <summary>Where the <c>host-local</c> of those networks keeps its leases.</summary>
    public string LeaseDirectory { get; init; } = "/run/cni/networks";
}
