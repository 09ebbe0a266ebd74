using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// The plugins whose link lives in the pod alone: each with every verb at every version and every layout of addresses, none included. A
/// cell that is missing fails <see cref="VerbMatrixTests"/>.
/// </summary>
public sealed class LinkMatrixTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string NoAddresses = "none";

    private static readonly string[] s_onEveryKernel = ["host-device", "macvlan", "tap"];
    private static readonly string[] s_inUserModeLinux = ["dummy", "ipvlan", "vlan"];

    /// <summary>The plugins of both matrices.</summary>
    public static IReadOnlyList<string> Plugins => [.. s_onEveryKernel, .. s_inUserModeLinux];

    public static TheoryData<string, string, string> CellsOnEveryKernel => Cells(s_onEveryKernel, isSmall: false);

    public static TheoryData<string, string, string> CellsInUserModeLinux => Cells(s_inUserModeLinux, isSmall: true);

    [Theory]
    [MemberData(nameof(CellsOnEveryKernel))]
    public void Every_verb_works_or_is_refused_as_its_version_says(string plugin, string version, string layout) =>
        RunCell(plugin, version, layout);

    [Theory]
    [MemberData(nameof(CellsInUserModeLinux))]
    [Trait("Kernel", "uml")]
    public void Every_verb_works_there_too(string plugin, string version, string layout) => RunCell(plugin, version, layout);

    private static TheoryData<string, string, string> Cells(string[] plugins, bool isSmall)
    {
        TheoryData<string, string, string> cells = [];
        string[] layouts = [NoAddresses, .. TestNetwork.Layouts];
        foreach (string plugin in plugins)
        {
            foreach (string version in VerbMatrixTests.Versions)
            {
                foreach (string layout in layouts.Where(layout => !isSmall || VerbMatrixTests.IsInSmallMatrix(version, layout, layouts)))
                    cells.Add(plugin, version, layout);
            }
        }
        return cells;
    }

    private void RunCell(string plugin, string version, string layout)
    {
        TestNetwork network = node.NewNetwork();
        string device = $"m{network.Number}";
        _ = node.Sandbox.Run(
            "sh",
            "-euc",
            $"ip link add {device} type veth peer name o{network.Number}; ip link set {device} up; ip link set o{network.Number} up");
        Pod pod = node.NewPod();
        string keys = plugin switch
        {
            "host-device" => $"\"device\": \"{device}\"",
            "vlan" => $"\"master\": \"{device}\", \"vlanId\": 100",
            "macvlan" or "ipvlan" => $"\"master\": \"{device}\"",
            _ => "\"mtu\": 0",
        };
        string ipam = layout == NoAddresses ? "" : $", \"ipam\": {network.Ipam(layout)}";
        string config = $$"""{ "cniVersion": "{{version}}", "name": "{{network.Name}}", "type": "{{plugin}}", {{keys}}{{ipam}} }""";
        bool old = version is "0.1.0" or "0.2.0";
        bool isRefused = layout == NoAddresses ? old || plugin is "dummy" or "ipvlan" or "vlan" : old && layout == "two v4";
        HashSet<string> done = [];
        PluginResult Run(string verb, string input)
        {
            _ = done.Add(verb);
            return node.Plugin.Run(plugin, verb, input, pod.ContainerId, pod.Netns, "eth0");
        }

        _ = Run("VERSION", config).ExpectSuccess();
        PluginResult added = Run("ADD", config);
        string behind = config;
        if (isRefused)
        {
            _ = added.ExpectError(code: 7);
        }
        else
        {
            string[] expected = layout == NoAddresses ? [] : network.FirstAddresses(layout);
            Assert.Equal(expected, VerbMatrixTests.Given(added.ExpectSuccess().Json, old));
            if (!old)
                AssertOneInterface(added.Json, pod);
            Assert.Equal(expected.Order(StringComparer.Ordinal), node.Addresses("eth0", pod).Order(StringComparer.Ordinal));
            behind = added.WithPrevResult(config);
        }

        if (old || version.StartsWith("0.3", StringComparison.Ordinal))
            _ = Run("CHECK", behind).ExpectError(code: 1);
        else if (isRefused)
            _ = Run("CHECK", behind).ExpectError(code: 7);
        else
            Assert.Empty(Run("CHECK", behind).ExpectSuccess().Output);
        for (int round = 0; round < 2; round++)
            Assert.Empty(Run("DEL", round == 0 ? behind : config).ExpectSuccess().Output);
        foreach (string verb in (string[])["STATUS", "GC"])
        {
            if (version == "1.1.0")
                Assert.Empty(Run(verb, config).ExpectSuccess().Output);
            else
                _ = Run(verb, config).ExpectError(code: 1);
        }

        Assert.Null(node.FindLink("eth0", pod));
        Assert.NotNull(node.FindLink(device));
        Assert.Equal(VerbMatrixTests.Verbs, done.Order(StringComparer.Ordinal));
    }

    private void AssertOneInterface(JsonElement result, Pod pod)
    {
        JsonElement only = Assert.Single(result.GetProperty("interfaces").EnumerateArray());
        Assert.Equal(("eth0", pod.Netns), (only.GetProperty("name").GetString(), only.GetProperty("sandbox").GetString()));
        Assert.Equal(node.Link("eth0", pod).GetProperty("address").GetString(), only.GetProperty("mac").GetString());
        if (result.TryGetProperty("ips", out JsonElement ips))
            Assert.All(ips.EnumerateArray(), static ip => Assert.Equal(0, ip.GetProperty("interface").GetInt32()));
    }
}
