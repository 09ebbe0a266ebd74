using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd.Firewall;

/// <summary>The firewall plugin of the published binary behind our bridge, on a node that drops what it forwards.</summary>
public sealed class FirewallTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    public static TheoryData<string, string> Cells
    {
        get
        {
            TheoryData<string, string> cells = [];
            foreach (string version in (string[])["0.4.0", "1.0.0", "1.1.0"])
            {
                foreach (string layout in TestNetwork.Layouts)
                    cells.Add(version, layout);
            }
            return cells;
        }
    }

    // nerdctl takes the version from this line and wants 1.7.1 or newer for "isolated".
    [Fact]
    public void Without_a_command_it_says_its_version()
    {
        PluginResult about = node.Plugin.Run("firewall", null, "").ExpectSuccess();
        Assert.Empty(about.Output);
        Assert.StartsWith("CNI firewall plugin v2.0.0\n", about.Error, StringComparison.Ordinal);
        Assert.Contains("supported: 0.4.0, 1.0.0, 1.1.0\n", about.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_verb_works_at_every_version(string version, string layout)
    {
        FirewallNetwork firewall = new(node, node.NewNetwork(), version: version);
        (Pod pod, string config) = firewall.Attach(layout);
        Assert.Equal(layout is "v4" or "v6" ? 1 : 2, ElementsOf(firewall, pod));
        Assert.Empty(node.Plugin.Check("firewall", config, pod).ExpectSuccess().Output);
        // DEL with and without a prevResult, and again.
        Assert.Empty(node.Plugin.Delete("firewall", version == "1.0.0" ? firewall.Config : config, pod).ExpectSuccess().Output);
        Assert.Equal(0, ElementsOf(firewall, pod));
        Assert.Contains("pods", node.Plugin.Check("firewall", config, pod).ExpectError(code: 104), StringComparison.Ordinal);
        firewall.Detach(pod, config, layout);
        _ = node.Plugin.Add("firewall", firewall.Config, pod).ExpectError(code: 7);
        foreach (string verb in (string[])["STATUS", "GC"])
        {
            PluginResult result = node.Plugin.Run("firewall", verb, firewall.Config);
            if (version == "1.1.0")
                Assert.Empty(result.ExpectSuccess().Output);
            else
                _ = result.ExpectError(code: 1);
        }
    }

    [Fact]
    public void DEL_works_when_nothing_is_left()
    {
        Pod pod = node.NewPod();
        string config = new FirewallNetwork(node, node.NewNetwork()).Config;
        Assert.Empty(node.Plugin.Run("firewall", "DEL", config, pod.ContainerId, "", "eth0").ExpectSuccess().Output);
        Assert.Empty(node.Plugin.Run("firewall", "DEL", config, pod.ContainerId, "/run/netns/absent", "eth0").ExpectSuccess().Output);
        Assert.Empty(
            node.Plugin.Run(
                "firewall",
                "DEL",
                config.Replace("\"type\"", "\"prevResult\": null, \"ingressPolicy\": 5, \"type\"", StringComparison.Ordinal),
                pod.ContainerId,
                "",
                "eth0")
                .ExpectSuccess().Output);
    }

    [Fact]
    public void GC_removes_the_networks_attachments_that_are_not_valid()
    {
        FirewallNetwork firewall = new(node, node.NewNetwork(), "\"ingressPolicy\": \"isolated\"");
        (Pod valid, string config) = firewall.Attach();
        (Pod garbage, _) = firewall.Attach();
        FirewallNetwork bystander = new(node, node.NewNetwork());
        (Pod other, _) = bystander.Attach();
        string gc = firewall.Config.Insert(
            1, $$""" "cni.dev/valid-attachments": [{ "containerID": "{{valid.ContainerId}}", "ifname": "eth0" }], """);
        Assert.Empty(node.Plugin.Run("firewall", "GC", gc).ExpectSuccess().Output);
        Assert.Equal((3, 0, 2), (ElementsOf(firewall, valid), ElementsOf(firewall, garbage), ElementsOf(bystander, other)));
        Assert.Empty(node.Plugin.Check("firewall", config, valid).ExpectSuccess().Output);
    }

    [Fact]
    public void Parallel_calls_leave_what_they_should()
    {
        const int Count = 100;
        FirewallNetwork firewall = new(node, node.NewNetwork(), "\"ingressPolicy\": \"same-bridge\"");
        (Pod pod, _) = firewall.AttachToBridge();
        string Config(int number) =>
            firewall.Config.Insert(
                1,
                $$""" "prevResult": { "cniVersion": "1.1.0", "interfaces": [{ "name": "{{firewall.Network.Bridge}}" }], "ips": [{"""
                + $$""" "address": "10.200.0.{{number}}/16" }, { "address": "fd99::{{number}}/64" }] }, """);
        void Storm(string verb) => Parallel.For(1, Count + 1, new ParallelOptions { MaxDegreeOfParallelism = 8 }, number =>
            node.Plugin.Run("firewall", verb, Config(number), $"storm{number}", pod.Netns, "eth0").ExpectSuccess());
        string Mine() =>
            string.Join(
                '\n', node.Ruleset().Split('\n').Where(line => line.Contains($" {firewall.Network.Name} storm", StringComparison.Ordinal)));

        Storm("ADD");
        string[] one = ChainsAndRules();
        Assert.Equal(2 * Count, Mine().Split(" storm").Length - 1);
        Assert.Single(
            node.Sandbox.Run("iptables", "-S", "FORWARD").Split('\n'), line => line == "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT");
        Storm("CHECK");
        Storm("DEL");
        Assert.Empty(Mine());
        Assert.Equal(one, ChainsAndRules());
    }

    private string[] ChainsAndRules() =>
        [
            .. node.Sandbox.Run("nft", "--handle", "--stateless", "list", "ruleset")
                .Split('\n')
                .Where(line => line.Contains("# handle", StringComparison.Ordinal)),
        ];

    /// <summary>How many elements of ours an attachment has.</summary>
    private int ElementsOf(FirewallNetwork firewall, Pod pod)
    {
        string comment = $"comment \"{OurPlugins.Tag(firewall.Network.Name, pod)}";
        return new[] { "inet cniplugin pods4", "inet cniplugin pods6", "bridge cniplugin isolated_ports" }
            .Sum(set => node.Sandbox.TryRun(["nft", "list", "set", .. set.Split(' ')]).Output.Split(comment).Length - 1);
    }
}
