using CniAgent.Configuration;

namespace CniAgent.Tests.Configuration;

public sealed class AgentSettingsTests
{
    private static readonly AgentConfig s_good = new() { NodeName = "node1", Address = ["192.0.2.1", "2001:db8::1"] };

    [Fact]
    public void Good_configuration_becomes_settings()
    {
        AgentSettings settings = AgentSettings.From(s_good with { Vni = 9, Port = 8472, Mtu = 1400 });
        Assert.Equal(("node1", "default"), (settings.Agent.Node, settings.Agent.Cluster));
        Assert.Equal((9, (ushort)8472, (int?)1400), (settings.Overlay.Vni, settings.Overlay.Port, settings.Overlay.Mtu));
        Assert.Equal(2, settings.Overlay.Addresses.Count);
        Assert.Equal("/run/cniagent/agent.sock", settings.SocketPath);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "store", "store is \"etcdd\"; use local or etcd" },
        { "noEndpoints", "etcd is not set" },
        { "endpoint", "etcd has \"192.0.2.10:2379\"; write https://host:port" },
        { "certWithoutKey", "cert is set without key; set both" },
        { "noFile", "ca is \"/nonexistent/ca.pem\", which does not exist: name the file" },
        { "directory", "ca is \"/etc\", which cannot be read" },
        { "noPem", "ca is \"/etc/hostname\", which cannot be used: it holds no certificate; give it a PEM file" },
        { "localWithEtcd", "etcd is set, and store is local" },
        { "address", "address has \"host\", which is no IP address" },
        { "twoOfAFamily", "give one of each family at most" },
        { "nodeName", "nodeName is \"a/b\"" },
        { "cluster", "cluster is \"a b\"" },
        { "port", "port is 70000; use 1 to 65535" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_said_with_key_value_and_remedy(string which, string message)
    {
        AgentConfig config = which switch
        {
            "store" => s_good with { Store = "etcdd" },
            "noEndpoints" => s_good with { Store = "etcd" },
            "endpoint" => s_good with { Store = "etcd", Etcd = ["192.0.2.10:2379"] },
            "certWithoutKey" => s_good with { Store = "etcd", Etcd = ["https://192.0.2.10:2379"], Cert = "/etc/hostname" },
            "noFile" => s_good with { Store = "etcd", Etcd = ["https://192.0.2.10:2379"], Ca = "/nonexistent/ca.pem" },
            "directory" => s_good with { Store = "etcd", Etcd = ["https://192.0.2.10:2379"], Ca = "/etc" },
            "noPem" => s_good with { Store = "etcd", Etcd = ["https://192.0.2.10:2379"], Ca = "/etc/hostname" },
            "localWithEtcd" => s_good with { Etcd = ["http://192.0.2.10:2379"] },
            "address" => s_good with { Address = ["host"] },
            "twoOfAFamily" => s_good with { Address = ["192.0.2.1", "192.0.2.2"] },
            "nodeName" => s_good with { NodeName = "a/b" },
            "cluster" => s_good with { Cluster = "a b" },
            "port" => s_good with { Port = 70000 },
            _ => throw new ArgumentException(which),
        };
        Assert.Contains(message, Assert.Throws<ConfigException>(() => AgentSettings.From(config)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_of_a_file_is_said_with_its_place()
    {
        AgentConfig config = AgentConfigFile.Parse(
            "agent.yaml", "nodeName: node1\naddress: 192.0.2.1\nstore: etcd\netcd: https://192.0.2.10:2379\nca: /nonexistent/ca.pem\n");
        Assert.StartsWith(
            "agent.yaml:5:1: ca is \"/nonexistent/ca.pem\", which does not exist",
            Assert.Throws<ConfigException>(() => AgentSettings.From(config)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "agent.yaml:1:1: vni is 0; use 1 to",
            Assert.Throws<ConfigException>(() => AgentSettings.From(
                AgentConfigFile.Parse("agent.yaml", "vni: 0\n") with { NodeName = "node1", Address = ["192.0.2.1"] })).Message,
            StringComparison.Ordinal);
    }
}
