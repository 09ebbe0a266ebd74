using System.Net;
using System.Reflection;
using Agent.Configuration;
using Agent.Nodes;
using Agent.Overlay;
using Cluster.Etcd;
using Cluster.Local;
using Cluster.Store;
using Linux.Files;

namespace CniAgent.Configuration;

/// <summary>A configuration that has been found good.</summary>
internal sealed record AgentSettings
{
    public required AgentOptions Agent { get; init; }

    public required OverlaySettings Overlay { get; init; }

    /// <summary>Opens the store.</summary>
    public required Func<IClusterStore> OpenStore { get; init; }

    /// <summary>Where the agent listens.</summary>
    public string SocketPath => SocketIn(Agent.RuntimeDirectory);

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(AgentSettings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "";

    /// <summary>Where an agent listens.</summary>
    public static string SocketIn(string runtimeDirectory) => Path.Combine(runtimeDirectory, "agent.sock");

    /// <summary>Checks a configuration.</summary>
    /// <exception cref="ConfigException">A value is wrong; the message names key, value and remedy.</exception>
    public static AgentSettings From(AgentConfig config)
    {
        try
        {
            return Check(config);
        }
        catch (ConfigException e) when (e.Key is { } key && config.Places.TryGetValue(key, out string? place))
        {
            throw new ConfigException($"{place}: {e.Message}");
        }
    }

    private static AgentSettings Check(AgentConfig config)
    {
        string node = config.NodeName ?? HostName();
        if (!IsName(node))
            throw new ConfigException($"nodeName is \"{node}\"; use letters, digits, hyphens and points, 63 at most", "nodeName");
        if (!IsName(config.Cluster))
            throw new ConfigException($"cluster is \"{config.Cluster}\"; use letters, digits, hyphens and points, 63 at most", "cluster");
        IReadOnlyList<IPAddress> addresses = config.Address.Count > 0 ? Parse(config.Address) : UnderlayAddresses.Find();
        if (addresses.Count == 0)
        {
            throw new ConfigException(
                "address is not set, and there is no default route to find it by; set it to this node's address for others");
        }
        OverlaySettings overlay = new()
        {
            Cluster = config.Cluster,
            Node = node,
            Addresses = addresses,
            Vni = config.Vni ?? OverlaySettings.DefaultVni,
            Port = (ushort)InRange("port", config.Port ?? OverlaySettings.DefaultPort, 1, ushort.MaxValue),
            WireGuardPort =
                (ushort)InRange("wireguardPort", config.WireguardPort ?? OverlaySettings.DefaultWireGuardPort, 1, ushort.MaxValue),
            Mtu = config.Mtu,
        };
        try
        {
            overlay.Validate();
        }
        catch (ArgumentException e)
        {
            // "vni is 0; use …": it begins with the key.
            throw new ConfigException(e.Message, e.Message.Split(' ')[0]);
        }
        return new AgentSettings
        {
            Agent = new AgentOptions
            {
                Cluster = config.Cluster,
                Node = node,
                Addresses = addresses,
                Version = Version,
                RuntimeDirectory = config.RuntimeDir,
                StateDirectory = config.StateDir,
                NetworkDirectory = config.NetworkDir,
                LeaseDirectory = config.LeaseDir,
            },
            Overlay = overlay,
            OpenStore = StoreOf(config),
        };
    }

    private static Func<IClusterStore> StoreOf(AgentConfig config)
    {
        switch (config.Store)
        {
            case "local" when config.Etcd.Count > 0:
                throw new ConfigException("etcd is set, and store is local; set store to etcd, or leave etcd out", "etcd");
            case "local":
                return () =>
                {
                    OwnerDirectory.Create(config.StateDir);
                    return LocalStore.Open(Path.Combine(config.StateDir, "store.db"));
                };
            case "etcd":
                EtcdOptions options = EtcdOf(config);
                return () => new EtcdStore(options);
            default:
                throw new ConfigException($"store is \"{config.Store}\"; use local or etcd", "store");
        }
    }

    private static EtcdOptions EtcdOf(AgentConfig config)
    {
        if (config.Etcd.Count == 0)
            throw new ConfigException("etcd is not set; give it etcd's endpoints, https://192.0.2.10:2379 for example", "store");
        List<Uri> endpoints = [];
        foreach (string text in config.Etcd)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint)
                || endpoint.Scheme is not ("http" or "https") || endpoint.AbsolutePath != "/")
                throw new ConfigException($"etcd has \"{text}\"; write https://host:port or http://host:port", "etcd");
            endpoints.Add(endpoint);
        }
        if (config.Cert is null != config.Key is null)
        {
            (string set, string unset) = config.Cert is null ? ("key", "cert") : ("cert", "key");
            throw new ConfigException($"{set} is set without {unset}; set both", set);
        }
        AgentFiles.CheckAuthorities(config.Ca);
        AgentFiles.CheckCertificate(config.Cert, config.Key);
        return new EtcdOptions
        {
            Endpoints = endpoints,
            AuthorityFile = config.Ca,
            CertificateFile = config.Cert,
            KeyFile = config.Key,
            User = config.User,
            Password = config.PasswordFile is { } path ? AgentFiles.Read("passwordFile", path).TrimEnd('\n') : null,
        };
    }

    private static List<IPAddress> Parse(IReadOnlyList<string> texts)
    {
        List<IPAddress> addresses = [];
        foreach (string text in texts)
        {
            if (!IPAddress.TryParse(text, out IPAddress? address))
                throw new ConfigException($"address has \"{text}\", which is no IP address: write 192.0.2.1 or 2001:db8::1", "address");
            if (addresses.Exists(other => other.AddressFamily == address.AddressFamily))
                throw new ConfigException($"address has {addresses[0]} and {address}; give one of each family at most", "address");
            addresses.Add(address);
        }
        return addresses;
    }

    private static int InRange(string key, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new ConfigException($"{key} is {value}; use {least} to {most}", key);

    private static string HostName() => File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    /// <summary>Whether a text can be the name of a node or a cluster.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 63
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && name[0] is not ('-' or '.');
}
