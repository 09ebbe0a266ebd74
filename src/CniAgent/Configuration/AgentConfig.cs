using System.Globalization;

namespace CniAgent.Configuration;

/// <summary>
/// The keys of agent.yaml as they stand there, and of the flags that go before them; docs/cluster.md says what they mean.
/// </summary>
internal sealed record AgentConfig
{
    public const string DefaultPath = "/etc/cniagent/agent.yaml";

    /// <summary>local, etcd.</summary>
    public string Store { get; init; } = "local";

    /// <summary>The endpoints of etcd.</summary>
    public IReadOnlyList<string> Etcd { get; init; } = [];

    public string? Ca { get; init; }

    public string? Cert { get; init; }

    public string? Key { get; init; }

    public string? User { get; init; }

    /// <summary>A file with the password, so that it stands in no process list.</summary>
    public string? PasswordFile { get; init; }

    public string Cluster { get; init; } = "default";

    public string? NodeName { get; init; }

    public IReadOnlyList<string> Address { get; init; } = [];

    public int? Vni { get; init; }

    public int? Port { get; init; }

    public int? WireguardPort { get; init; }

    public int? Mtu { get; init; }

    public string RuntimeDir { get; init; } = "/run/cniagent";

    public string StateDir { get; init; } = "/var/lib/cniagent";

    public string NetworkDir { get; init; } = "/etc/cni/net.d";

    public string LeaseDir { get; init; } = "/run/cni/networks";

    /// <summary>Where keys stand in a file, as <c>agent.yaml:2:1</c>; those that an option has set stand nowhere.</summary>
    public IReadOnlyDictionary<string, string> Places { get; init; } = new Dictionary<string, string>();

    /// <summary>Takes a key's value.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="values">A list's items, or one scalar.</param>
    /// <returns>Null if there is no such key.</returns>
    /// <exception cref="ConfigException">The value cannot be this key's.</exception>
    public AgentConfig? With(string key, IReadOnlyList<string> values) => key switch
    {
        "store" => this with { Store = One(key, values) },
        "etcd" => this with { Etcd = values },
        "ca" => this with { Ca = One(key, values) },
        "cert" => this with { Cert = One(key, values) },
        "key" => this with { Key = One(key, values) },
        "user" => this with { User = One(key, values) },
        "passwordFile" => this with { PasswordFile = One(key, values) },
        "cluster" => this with { Cluster = One(key, values) },
        "nodeName" => this with { NodeName = One(key, values) },
        "address" => this with { Address = values },
        "vni" => this with { Vni = Number(key, values) },
        "port" => this with { Port = Number(key, values) },
        "wireguardPort" => this with { WireguardPort = Number(key, values) },
        "mtu" => this with { Mtu = Number(key, values) },
        "runtimeDir" => this with { RuntimeDir = One(key, values) },
        "stateDir" => this with { StateDir = One(key, values) },
        "networkDir" => this with { NetworkDir = One(key, values) },
        "leaseDir" => this with { LeaseDir = One(key, values) },
        _ => null,
    };

    /// <summary>All keys, each with what a flag's help says of it.</summary>
    public static IReadOnlyList<(string Name, string Help)> Keys { get; } =
    [
        ("store", "where the cluster's objects lie: local (this host alone) or etcd"),
        ("etcd", "an endpoint of etcd, as https://host:port; may be given several times"),
        ("ca", "PEM file of the authorities that signed etcd's certificates"),
        ("cert", "PEM file of the certificate that this node shows to etcd"),
        ("key", "PEM file of that certificate's key"),
        ("user", "etcd's user"),
        ("passwordFile", "file with that user's password"),
        ("cluster", "the cluster's name; several may share a store"),
        ("nodeName", "this node's name; default: the host's name"),
        ("address", "this node's address for other nodes, one of each family; default: the source address of the default route"),
        ("vni", "the network number of VXLAN, the same on all nodes"),
        ("port", "the UDP port of VXLAN, the same on all nodes"),
        ("wireguardPort", "the UDP port of WireGuard, the same on all nodes"),
        ("mtu", "the MTU of tunnels, in bytes; default: the underlay's less the encapsulation"),
        ("runtimeDir", "for what may be lost with the boot"),
        ("stateDir", "for what must survive it"),
        ("networkDir", "where runtimes read networks"),
        ("leaseDir", "where host-local keeps leases"),
    ];

    private static string One(string key, IReadOnlyList<string> values) => values is [{ Length: > 0 } value]
        ? value
        : throw new ConfigException($"{key} has {values.Count} values; give it one that is not empty");

    private static int Number(string key, IReadOnlyList<string> values) =>
        int.TryParse(One(key, values), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ConfigException($"{key} is \"{values[0]}\"; write a number");
}
