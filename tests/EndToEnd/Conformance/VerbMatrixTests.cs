using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// Every plugin with every verb at every version, and where it gives addresses with every layout of them. A cell that is missing fails.
/// </summary>
public sealed class VerbMatrixTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string NoAddresses = "none";

    internal static readonly string[] Verbs = ["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"];
    internal static readonly string[] Versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
    private static readonly string[] s_plugins = ["bridge", "dhcp", "host-local", "loopback", "ptp", "static"];

    /// <summary>
    /// Whether a cell is among those for user-mode-linux, which is ten times slower: every version with one layout, and the newest with
    /// every layout.
    /// </summary>
    internal static bool IsInSmallMatrix(string version, string layout, IReadOnlyList<string> layouts) =>
        version == Versions[^1] || layouts[Array.IndexOf(Versions, version) % layouts.Count] == layout;

    public static TheoryData<string, string, string> Cells
    {
        get
        {
            TheoryData<string, string, string> cells = [];
            foreach (string plugin in s_plugins)
            {
                foreach (string version in Versions)
                {
                    foreach (string layout in Layouts(plugin))
                        cells.Add(plugin, version, layout);
                }
            }
            return cells;
        }
    }

    [Fact]
    public void The_matrix_has_every_plugin_and_every_version_of_the_binary()
    {
        string[] mains = [.. s_plugins, .. LinkMatrixTests.Plugins];
        Assert.Equal(
            mains.Concat(ChainedVerbMatrixTests.Plugins).Order(StringComparer.Ordinal),
            node.Sandbox.Run($"{node.Plugin.Directory}/cniplugin", "plugins").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        foreach (string plugin in mains)
        {
            JsonElement answer = node.Plugin.Run(plugin, "VERSION", "").ExpectSuccess().Json;
            Assert.Equal(Versions, answer.GetProperty("supportedVersions").EnumerateArray().Select(version => version.GetString()));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_verb_works_or_is_refused_as_its_version_says(string plugin, string version, string layout)
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        string config = plugin switch
        {
            "host-local" => network.HostLocal(layout, version: version),
            "static" => network.Static(layout, version),
            _ => network.Config(""" "ipMasq": true """, layout == NoAddresses ? "" : network.Ipam(layout), version, plugin),
        };
        bool old = version is "0.1.0" or "0.2.0";
        bool hasNoResult = old && (layout == "two v4" || (layout == NoAddresses && plugin == "bridge"));
        HashSet<string> done = [];
        PluginResult Run(string verb, string input)
        {
            _ = done.Add(verb);
            return node.Plugin.Run(plugin, verb, input, pod.ContainerId, pod.Netns, plugin == "loopback" ? "lo" : "eth0");
        }

        _ = Run("VERSION", config).ExpectSuccess();
        PluginResult added = Run("ADD", config);
        string behind = config;
        if (hasNoResult)
        {
            _ = added.ExpectError(code: 7);
        }
        else
        {
            Assert.Equal(Expected(plugin, network, layout), Given(added.ExpectSuccess().Json, old));
            behind = added.WithPrevResult(config);
        }

        if (old || version.StartsWith("0.3", StringComparison.Ordinal))
            _ = Run("CHECK", behind).ExpectError(code: 1);
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
        Assert.Equal(Verbs, done.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Layouts(string plugin) => plugin switch
    {
        "bridge" => [NoAddresses, .. TestNetwork.Layouts],
        // Needs a server: DhcpTests has its row.
        "dhcp" => [],
        "host-local" or "ptp" or "static" => TestNetwork.Layouts,
        _ => [NoAddresses],
    };

    private static string[] Expected(string plugin, TestNetwork network, string layout) => (plugin, layout) switch
    {
        ("loopback", _) => ["127.0.0.1/8", "::1/128"],
        (_, NoAddresses) => [],
        _ => network.FirstAddresses(layout),
    };

    internal static string[] Given(JsonElement result, bool old)
    {
        if (old)
        {
            return
            [
                .. ((string[])["ip4", "ip6"])
                    .Where(key => result.TryGetProperty(key, out _))
                    .Select(key => result.GetProperty(key).GetProperty("ip").GetString()!),
            ];
        }
        return result.TryGetProperty("ips", out JsonElement ips)
            ? [.. ips.EnumerateArray().Select(ip => ip.GetProperty("address").GetString()!)]
            : [];
    }
}
