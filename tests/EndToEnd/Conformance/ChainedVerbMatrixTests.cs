using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// Every chained plugin behind <c>bridge</c>, with every verb at every version and with every layout of addresses. A cell that is missing
/// fails: here, or in <see cref="VerbMatrixTests"/>, which counts the binary's plugins.
/// </summary>
public sealed class ChainedVerbMatrixTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private static readonly string[] s_verbs = ["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"];
    private static readonly string[] s_versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
    private static readonly string[] s_layouts = ["none", "v4", "v6", "dual"];

    /// <summary>
    /// Each plugin with the members of a configuration that makes it do something, and the oldest version that it serves.
    /// </summary>
    private static readonly Dictionary<string, (string Members, string Oldest)> _plugins = new()
    {
        ["bandwidth"] = (BandwidthTests.Both, "0.3.0"),
        ["endpoint"] = (""" "gate": true, "args": { "cni": { "labels": [{ "key": "app", "value": "web" }] } } """, "0.1.0"),
        ["firewall"] = (""" "ingressPolicy": "isolated" """, "0.4.0"),
        ["portmap"] = (
            """ "runtimeConfig": { "portMappings": [{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp" }] } """, "0.1.0"),
        ["sbr"] = (""" "addSourceHints": true """, "0.1.0"),
        ["tuning"] = (""" "mtu": 1400, "promisc": true, "sysctl": { "net.ipv4.conf.IFNAME.arp_filter": "1" } """, "0.1.0"),
        ["vrf"] = (""" "vrfname": "red" """, "0.3.1"),
    };

    public static IEnumerable<string> Plugins => _plugins.Keys;

    /// <summary>The versions that a plugin serves; one that is no chained plugin serves all.</summary>
    public static IEnumerable<string> Versions(string plugin) =>
        s_versions.Where(version =>
            !_plugins.TryGetValue(plugin, out (string, string Oldest) entry) || string.CompareOrdinal(version, entry.Oldest) >= 0);

    public static TheoryData<string, string, string> Cells => CellsOf([.. _plugins.Keys.Where(plugin => plugin != "vrf")], isSmall: false);

    public static TheoryData<string, string, string> VrfCells => CellsOf(["vrf"], isSmall: true);

    [Fact]
    public void Versions_are_those_from_the_oldest_on()
    {
        foreach (string plugin in Plugins)
        {
            JsonElement answer = node.Plugin.Run(plugin, "VERSION", "").ExpectSuccess().Json;
            Assert.Equal(
                Versions(plugin), answer.GetProperty("supportedVersions").EnumerateArray().Select(version => version.GetString()!));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_verb_works_or_is_refused_as_its_version_says(string plugin, string version, string layout) =>
        Verify(plugin, version, layout);

    [Theory]
    [MemberData(nameof(VrfCells))]
    [Trait("Kernel", "uml")]
    public void Every_verb_of_vrf_works_or_is_refused_as_its_version_says(string plugin, string version, string layout) =>
        Verify(plugin, version, layout);

    private static TheoryData<string, string, string> CellsOf(IReadOnlyList<string> plugins, bool isSmall)
    {
        TheoryData<string, string, string> cells = [];
        foreach (string plugin in plugins)
        {
            foreach (string version in s_versions)
            {
                string[] layouts = [.. Layouts(plugin)];
                foreach (string layout in layouts.Where(layout => !isSmall || VerbMatrixTests.IsInSmallMatrix(version, layout, layouts)))
                    cells.Add(plugin, version, layout);
            }
        }
        return cells;
    }

    // Without addresses there is nothing that ports could lead to, or that could be routed by them.
    private static IEnumerable<string> Layouts(string plugin) => plugin is "portmap" or "sbr" ? s_layouts.Except(["none"]) : s_layouts;

    private void Verify(string plugin, string version, string layout)
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        bool old = version is "0.1.0" or "0.2.0";
        bool supported = Versions(plugin).Contains(version);
        string bridge = network.Config(""" "isDefaultGateway": true """, layout == "none" ? "" : network.Ipam(layout), version);
        string config = network.Chained(plugin, _plugins[plugin].Members, version);
        HashSet<string> done = [];
        PluginResult Run(string verb, string input)
        {
            _ = done.Add(verb);
            return node.Plugin.Run(plugin, verb, input, pod.ContainerId, pod.Netns, "eth0");
        }

        _ = Run("VERSION", config).ExpectSuccess();
        _ = Run("ADD", config).ExpectError(code: supported ? 7 : 1);
        PluginResult made = node.Plugin.Add("bridge", bridge, pod);
        string behind = config;
        if (old && layout == "none")
        {
            _ = made.ExpectError(code: 7);
        }
        else if (supported)
        {
            PluginResult added = Run("ADD", made.ExpectSuccess().WithPrevResult(config)).ExpectSuccess();
            Assert.Equal(version, added.Json.GetProperty("cniVersion").GetString());
            foreach (string key in (string[])["ips", "ip4", "ip6", "routes", "dns"])
            {
                Assert.Equal(made.Json.TryGetProperty(key, out JsonElement before), added.Json.TryGetProperty(key, out JsonElement after));
                Assert.True(before.ValueKind == JsonValueKind.Undefined || JsonElement.DeepEquals(before, after), added.ToString());
            }
            behind = added.WithPrevResult(config);
        }

        bool checks = !old && !version.StartsWith("0.3", StringComparison.Ordinal);
        if (!checks || !supported)
            _ = Run("CHECK", behind).ExpectError(code: 1);
        else
            Assert.Empty(Run("CHECK", behind).ExpectSuccess().Output);
        for (int round = 0; round < 2; round++)
        {
            if (supported)
                Assert.Empty(Run("DEL", round == 0 ? behind : config).ExpectSuccess().Output);
            else
                _ = Run("DEL", behind).ExpectError(code: 1);
        }
        foreach (string verb in (string[])["STATUS", "GC"])
        {
            if (version == "1.1.0")
                Assert.Empty(Run(verb, config).ExpectSuccess().Output);
            else
                _ = Run(verb, config).ExpectError(code: 1);
        }

        _ = node.Plugin.Delete("bridge", bridge, pod).ExpectSuccess();
        Assert.Equal(s_verbs, done.Order(StringComparer.Ordinal));
    }
}
