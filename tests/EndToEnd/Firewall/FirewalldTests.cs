using EndToEnd.Conformance;
using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd.Firewall;

/// <summary>The firewall plugin on a node with firewalld.</summary>
public sealed class FirewalldTests : IDisposable
{
    private readonly ConformanceNode _node = new();
    private readonly FirewalldDaemon _firewalld;

    public FirewalldTests() => _firewalld = FirewalldDaemon.StartBusIn(_node.Sandbox);

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Without_firewalld_on_the_bus_nftables_serves_and_the_backend_firewalld_is_refused()
    {
        FirewallNetwork any = new(_node, _node.NewNetwork());
        (Pod pod, string config) = any.Attach();
        Assert.Empty(_node.Plugin.Check("firewall", config, pod).ExpectSuccess().Output);
        any.Detach(pod, config);

        FirewallNetwork firewalld = new(_node, _node.NewNetwork(), "\"backend\": \"firewalld\"");
        (pod, config) = firewalld.AttachToBridge();
        Assert.Contains(
            "firewalld does not run", _node.Plugin.Add("firewall", config, pod).ExpectError(code: 11), StringComparison.Ordinal);
        Assert.DoesNotContain(
            OurPlugins.Tag(firewalld.Network.Name, pod),
            _node.Sandbox.TryRun("nft", "list", "set", "inet", "cniplugin", "pods4").Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "firewalld does not run",
            _node.Plugin.Run("firewall", "STATUS", firewalld.Config).ExpectError(code: 50),
            StringComparison.Ordinal);
        Assert.Empty(_node.Plugin.Delete("firewall", config, pod).ExpectSuccess().Output);
    }

    [Theory]
    [InlineData("", "trusted")]
    [InlineData("\"backend\": \"firewalld\", \"firewalldZone\": \"work\"", "work")]
    public void Pods_are_sources_of_the_zone_from_ADD_to_DEL(string keys, string zone)
    {
        _firewalld.Start();
        FirewallNetwork firewall = new(_node, _node.NewNetwork(), keys);
        (Pod first, string config) = firewall.Attach();
        (Pod second, string other) = firewall.Attach();
        Assert.Equal(["10.1.0.2/32", "10.1.0.3/32", "fd00:1::2/128", "fd00:1::3/128"], _firewalld.SourcesOf(zone));
        _ = _node.Plugin.Check("firewall", config, first).ExpectSuccess();
        _ = _node.Plugin.Run("firewall", "STATUS", firewall.Config).ExpectSuccess();
        // A repeated ADD finds its addresses there.
        _ = _node.Plugin.Add("firewall", config, first).ExpectSuccess();

        _ = _node.Plugin.Delete("firewall", config, first).ExpectSuccess();
        // By the second DEL the address may be anybody's.
        _ = _firewalld.Command("--zone=drop", "--add-source=10.1.0.2/32");
        _ = _node.Plugin.Delete("firewall", config, first).ExpectSuccess();
        Assert.Equal(["10.1.0.2/32"], _firewalld.SourcesOf("drop"));
        Assert.Equal(["10.1.0.3/32", "fd00:1::3/128"], _firewalld.SourcesOf(zone));
        Assert.NotEmpty(_node.Plugin.Check("firewall", config, first).ExpectError(code: 104));
        // Without a prevResult, and with another zone and backend than at ADD.
        string changed = other.Insert(1, " \"prevResult\": null, ").Replace("\"prevResult\": {", "\"ignored\": {", StringComparison.Ordinal)
            .Replace("\"work\"", "\"home\"", StringComparison.Ordinal);
        _ = _node.Plugin.Delete("firewall", changed, second).ExpectSuccess();
        Assert.Empty(_firewalld.SourcesOf(zone));
    }

    [Fact]
    public void Reload_is_told_by_CHECK_and_mended_by_the_networks_next_ADD()
    {
        _firewalld.Start();
        FirewallNetwork firewall = new(_node, _node.NewNetwork());
        (Pod first, string config) = firewall.Attach();
        _ = _firewalld.Command("--reload");
        Assert.Empty(_firewalld.SourcesOf("trusted"));
        // It flushes iptables' tables, too, and CHECK names the first thing that is missing; behind another network's ADD that is the
        // source.
        Assert.Contains("-A FORWARD", _node.Plugin.Check("firewall", config, first).ExpectError(code: 104), StringComparison.Ordinal);
        _ = new FirewallNetwork(_node, _node.NewNetwork(), "\"backend\": \"nftables\"").Attach();
        string problem = _node.Plugin.Check("firewall", config, first).ExpectError(code: 104);
        Assert.Contains("trusted has no source 10.1.0.2/32", problem, StringComparison.Ordinal);
        Assert.Contains("reload", problem, StringComparison.Ordinal);
        _ = firewall.Attach();
        Assert.Equal(["10.1.0.2/32", "10.1.0.3/32", "fd00:1::2/128", "fd00:1::3/128"], _firewalld.SourcesOf("trusted"));
        _ = _node.Plugin.Check("firewall", config, first).ExpectSuccess();
    }

    [Fact]
    public void Zone_that_does_not_exist_is_told_and_nothing_is_left()
    {
        _firewalld.Start();
        FirewallNetwork firewall = new(_node, _node.NewNetwork(), "\"firewalldZone\": \"nowhere\"");
        (Pod pod, string config) = firewall.AttachToBridge();
        string problem = _node.Plugin.Add("firewall", config, pod).ExpectError(code: 7);
        Assert.Contains("INVALID_ZONE", problem, StringComparison.Ordinal);
        Assert.Contains("firewalldZone", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("pods4", _node.Ruleset(), StringComparison.Ordinal);
    }

    [Fact]
    public void Address_that_another_zone_has_is_told_and_nothing_is_left()
    {
        _firewalld.Start();
        _ = _firewalld.Command("--zone=work", "--add-source=fd00:1::2/128");
        FirewallNetwork firewall = new(_node, _node.NewNetwork());
        (Pod pod, string config) = firewall.AttachToBridge();
        PluginResult refused = _node.Plugin.Add("firewall", config, pod);
        Assert.Contains("ZONE_CONFLICT", refused.ExpectError(code: 7), StringComparison.Ordinal);
        Assert.Empty(refused.Error);
        Assert.Empty(_firewalld.SourcesOf("trusted"));
        Assert.Equal(["fd00:1::2/128"], _firewalld.SourcesOf("work"));
        Assert.DoesNotContain(
            OurPlugins.Tag(firewall.Network.Name, pod),
            _node.Sandbox.Run("nft", "list", "set", "inet", "cniplugin", "pods4"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void GC_removes_sources_with_their_elements()
    {
        _firewalld.Start();
        FirewallNetwork firewall = new(_node, _node.NewNetwork());
        _ = firewall.Attach();
        _ = _firewalld.Command("--zone=trusted", "--add-source=10.99.0.1/32");
        Assert.Empty(_node.Plugin.Run("firewall", "GC", firewall.Config).ExpectSuccess().Output);
        Assert.Equal(["10.99.0.1/32"], _firewalld.SourcesOf("trusted"));
    }

    [Fact]
    public void Another_backend_leaves_firewalld_alone()
    {
        _firewalld.Start();
        FirewallNetwork firewall = new(_node, _node.NewNetwork(), "\"backend\": \"nftables\"");
        (Pod pod, string config) = firewall.Attach();
        Assert.Empty(_firewalld.SourcesOf("trusted"));
        _ = _node.Plugin.Check("firewall", config, pod).ExpectSuccess();
    }
}
