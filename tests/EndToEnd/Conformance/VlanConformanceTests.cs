using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// VLANs of bridge ports, as the reference's suite asserts them and beyond. In user-mode-linux: see <see cref="VlanTests"/>.
/// </summary>
[Trait("Kernel", "uml")]
public sealed class VlanConformanceTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Native = "PVID Egress Untagged";

    public static TheoryData<string, string> Ports => new()
    {
        { """ "vlan": 100 """, $"100 {Native}" },
        { """ "vlan": 100, "preserveDefaultVlan": true """, $"1 Egress Untagged,100 {Native}" },
        { """ "vlanTrunk": [{ "id": 101 }, { "minID": 200, "maxID": 202 }] """, $"1 {Native},101,200,201,202" },
        {
            """ "vlan": 100, "vlanTrunk": [{ "id": 101 }, { "minID": 200, "maxID": 202, "id": 200 }, {}] """,
            $"100 {Native},101,200,201,202"
        },
        { """ "vlanTrunk": [{ "minID": 99, "maxID": 101 }], "vlan": 100 """, $"99,100 {Native},101" },
        { """ "vlanTrunk": [] """, $"1 {Native}" },
    };

    [Theory]
    [MemberData(nameof(Ports))]
    public void A_port_is_in_the_vlans_that_are_named(string keys, string expected)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(keys, ipam: "");

        (Pod pod, PluginResult added) = node.Attach(config);

        Assert.Equal(
            1, node.Link(network.Bridge).GetProperty("linkinfo").GetProperty("info_data").GetProperty("vlan_filtering").GetInt32());
        Assert.Equal(expected.Split(','), Vlans(ConformanceNode.Port(network, pod)));
        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Theory]
    [InlineData("v4")]
    [InlineData("v6")]
    [InlineData("dual")]
    public void The_gateway_of_a_vlan_is_an_interface_of_its_own(string layout)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "vlan": 100, "isDefaultGateway": true """, network.Ipam(layout));

        (Pod pod, PluginResult added) = node.Attach(config);
        (Pod second, _) = node.Attach(config);

        string name = $"{network.Bridge}.100";
        JsonElement gateway = node.Link(name);
        JsonElement[] interfaces = [.. added.Json.GetProperty("interfaces").EnumerateArray()];
        Assert.Equal(
            [network.Bridge, ConformanceNode.Port(network, pod), "eth0", name],
            interfaces.Select(link => link.GetProperty("name").GetString()));
        Assert.Equal(gateway.GetProperty("address").GetString(), interfaces[3].GetProperty("mac").GetString());
        Assert.Equal("veth", gateway.GetProperty("linkinfo").GetProperty("info_kind").GetString());
        Assert.Equal([$"100 {Native}"], Vlans(gateway.GetProperty("link").GetString()!));
        Assert.Empty(node.Addresses(network.Bridge));
        foreach (string address in layout switch
        {
            "v4" => (string[])[network.Gateway4],
            "v6" => [network.Gateway6],
            _ => [network.Gateway4, network.Gateway6],
        })
        {
            Assert.Contains(node.Addresses(name), held => held.StartsWith($"{address}/", StringComparison.Ordinal));
            pod.AssertReaches(address);
            second.AssertReaches(address);
        }
        _ = node.Check(config, pod, added).ExpectSuccess();
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        second.AssertReaches(layout == "v6" ? network.Gateway6 : network.Gateway4);
    }

    [Fact]
    public void A_failed_add_leaves_neither_bridge_nor_gateway()
    {
        TestNetwork network = node.NewNetwork();
        node.MakeStore(network.HostLocal());
        _ = node.Sandbox.Run("ip", "link", "add", $"{network.Bridge}.100", "type", "dummy");
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();

        string message = node.Plugin.Add("bridge", network.Config(""" "vlan": 100, "isGateway": true """), pod).ExpectError(code: 7);

        Says.All(message, "vlan", "100", $"{network.Bridge}.100");
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.Null(node.FindLink("eth0", pod));
    }

    [Fact]
    public void A_bridge_without_vlans_is_switched_only_if_all_its_ports_are_ours()
    {
        TestNetwork plain = node.NewNetwork();
        string tagged = plain.Config(""" "vlan": 100 """, ipam: "");
        (Pod first, PluginResult added) = node.Attach(plain.Config(ipam: ""));
        Assert.Equal(0, Filtering(plain.Bridge));
        _ = node.Sandbox.Run("ip", "link", "add", "foreign0", "master", plain.Bridge, "type", "dummy");

        string message = node.Plugin.Add("bridge", tagged, node.NewPod()).ExpectError(code: 7);

        Says.All(message, "vlan", "100", plain.Bridge, "foreign0", $"ip link set {plain.Bridge} type bridge vlan_filtering 1");
        Assert.Equal(0, Filtering(plain.Bridge));
        _ = node.Sandbox.Run("ip", "link", "delete", "foreign0");
        _ = node.Attach(tagged);
        Assert.Equal(1, Filtering(plain.Bridge));
        _ = node.Check(plain.Config(ipam: ""), first, added).ExpectSuccess();
    }

    [Theory]
    [InlineData("bridge vlan del dev PORT vid 100", "100")]
    [InlineData("bridge vlan add dev PORT vid 100", "100")]
    [InlineData("bridge vlan del dev PORT vid 205", "205")]
    public void Check_names_the_vlan_that_is_missing(string damage, string names)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "vlan": 100, "vlanTrunk": [{ "minID": 200, "maxID": 210 }] """, ipam: "");
        (Pod pod, PluginResult added) = node.Attach(config);
        string port = ConformanceNode.Port(network, pod);
        _ = node.Check(config, pod, added).ExpectSuccess();
        _ = node.Sandbox.Run("sh", "-euc", damage.Replace("PORT", port, StringComparison.Ordinal));

        Says.All(node.Check(config, pod, added).ExpectError(code: 104), port, $"VLAN {names}");
    }

    private int Filtering(string bridge) =>
        node.Link(bridge).GetProperty("linkinfo").GetProperty("info_data").GetProperty("vlan_filtering").GetInt32();

    /// <summary>The VLANs of a port: ID, and flags where it has some.</summary>
    private string[] Vlans(string port)
    {
        using JsonDocument document = JsonDocument.Parse(node.Sandbox.Run("bridge", "-json", "vlan", "show", "dev", port));
        return
        [
            .. document.RootElement[0].GetProperty("vlans").EnumerateArray().Select(vlan =>
            {
                string flags = vlan.TryGetProperty("flags", out JsonElement list)
                    ? string.Join(' ', list.EnumerateArray().Select(flag => flag.GetString()))
                    : "";
                return $"{vlan.GetProperty("vlan").GetInt32()} {flags}".Trim();
            }),
        ];
    }
}
