using System.Text.Json;
using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd.Firewall;

/// <summary>The chain bridge, firewall as libcni drives it: the bridge's result is the firewall's prevResult.</summary>
/// <param name="node">Where it runs.</param>
/// <param name="network">Name, bridge and subnets.</param>
/// <param name="keys">Keys of the firewall, without a comma in front.</param>
/// <param name="version">cniVersion of both.</param>
public sealed class FirewallNetwork(ConformanceNode node, TestNetwork network, string keys = "", string version = "1.1.0")
{
    public TestNetwork Network => network;

    /// <summary>The firewall's configuration, without a prevResult.</summary>
    public string Config =>
        $$"""{ "cniVersion": "{{version}}", "name": "{{network.Name}}", "type": "firewall"{{(keys.Length > 0 ? ", " : "")}}{{keys}} }""";

    private string BridgeConfig(string layout) =>
        network.Config(""" "isDefaultGateway": true, "ipMasq": true """, network.Ipam(layout), version);

    /// <summary>ADD of the bridge alone.</summary>
    /// <returns>The pod, and the firewall's configuration with the bridge's result.</returns>
    public (Pod Pod, string Config) AttachToBridge(string layout = "dual")
    {
        (Pod pod, PluginResult added) = node.Attach(BridgeConfig(layout));
        return (pod, added.WithPrevResult(Config));
    }

    /// <summary>ADD of both.</summary>
    public (Pod Pod, string Config) Attach(string layout = "dual")
    {
        (Pod pod, string config) = AttachToBridge(layout);
        AssertPassedOn(config, node.Plugin.Add("firewall", config, pod).ExpectSuccess());
        return (pod, config);
    }

    /// <summary>DEL of both, in the order of libcni.</summary>
    public void Detach(Pod pod, string config, string layout = "dual")
    {
        Assert.Empty(node.Plugin.Delete("firewall", config, pod).ExpectSuccess().Output);
        _ = node.Plugin.Delete("bridge", BridgeConfig(layout), pod).ExpectSuccess();
    }

    /// <summary>Asserts that a result is the prevResult of its configuration.</summary>
    public static void AssertPassedOn(string config, PluginResult added)
    {
        using JsonDocument document = JsonDocument.Parse(config);
        Assert.True(JsonElement.DeepEquals(document.RootElement.GetProperty("prevResult"), added.Json), added.ToString());
    }
}
