using EndToEnd.Hostile;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>The networks whose calls are killed or held, in a sandbox, with a few pods that live through it all.</summary>
public sealed class KillNetwork : IDisposable
{
    private const string Name = "killed";

    private readonly string _range;

    /// <param name="kind">bridge, ptp, macvlan, host-local, or chain: bridge, portmap, firewall, bandwidth.</param>
    /// <param name="only">
    /// The only address that is given; null: the range is wide, so what is lost stays lost to the end instead of being reclaimed on demand.
    /// </param>
    public KillNetwork(string kind, string? only = null)
    {
        Kind = kind;
        _range = only is null ? "" : $$""", "rangeStart": "{{only}}", "rangeEnd": "{{only}}" """;
        Sandbox = RuntimeSandbox.Start();
        Plugin = new PluginProcess(Sandbox);
        Program = Caller.Compile(Sandbox);
        Leases = new LeaseFiles(Path.Combine(Sandbox.Directory, "networks"), Name);
        if (kind == "macvlan")
            _ = Sandbox.Run("sh", "-euc", "ip link add uplink type veth peer name switch; ip link set uplink up; ip link set switch up");
    }

    public string Kind { get; }

    public RuntimeSandbox Sandbox { get; }

    public PluginProcess Plugin { get; }

    public string Program { get; }

    public LeaseFiles Leases { get; }

    /// <summary>The network's calls for one worker: what is published must differ from the other workers'.</summary>
    public ChainCalls Calls(Caller caller, int worker) => new(caller, Plugin, Chain(8000 + worker));

    /// <summary>Removes all that attachments share, as if the host had never seen the network.</summary>
    public void Forget()
    {
        if (Directory.Exists(Leases.Directory))
            Directory.Delete(Leases.Directory, recursive: true);
        _ = Sandbox.Run("sh", "-euc", "nft flush ruleset; ! ip link show cni0 >/dev/null 2>&1 || ip link delete cni0");
    }

    public void Dispose() => Sandbox.Dispose();

    private (string Type, string Config)[] Chain(int port)
    {
        string dataDir = Path.GetDirectoryName(Leases.Directory)!;
        string ipam = $$""" "ipam": { "type": "host-local", "dataDir": "{{dataDir}}", "subnet": "10.32.0.0/12"{{_range}} } """;
        string ports = $$"""{ "hostPort": {{port}}, "containerPort": 80, "protocol": "tcp" }""";
        string bridge = $$""" "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, {{ipam}} """;
        return Kind switch
        {
            "bridge" => [Config("bridge", bridge)],
            "ptp" => [Config("ptp", $$""" "ipMasq": true, {{ipam}} """)],
            "macvlan" => [Config("macvlan", $$""" "master": "uplink", {{ipam}} """)],
            "host-local" => [Config("host-local", ipam)],
            "chain" =>
            [
                Config("bridge", bridge),
                Config("portmap", $$""" "runtimeConfig": { "portMappings": [{{ports}}] } """),
                Config("firewall", "\"backend\": \"iptables\""),
                Config("bandwidth", Conformance.BandwidthTests.Both),
            ],
            _ => throw new ArgumentException(Kind),
        };
    }

    private static (string Type, string Config) Config(string type, string keys) =>
        (type, $$"""{ "cniVersion": "1.1.0", "name": "{{Name}}", "type": "{{type}}", {{keys}} }""");
}
