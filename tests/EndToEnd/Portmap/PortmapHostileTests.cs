using EndToEnd.Sandbox;

namespace EndToEnd.Portmap;

/// <summary>Many calls at once, killed ones, and a ruleset that others empty.</summary>
public sealed class PortmapHostileTests : IDisposable
{
    private readonly PublishingNode _node = new();

    public void Dispose() => _node.Dispose();

    /// <summary>A result as the plugin before would give it; no such link needs to be there.</summary>
    private string Chained(int number, string keys = "") =>
        Chained(PublishingNode.Both(20_000 + number), $"10.9.{number / 250}.{2 + (number % 250)}/16", $"fd00:9::{number + 2:x}/64", keys);

    private string Chained(string mappings, string address4, string address6, string keys = "") => _node.Config(mappings, $$"""
        {{keys}}, "prevResult": { "cniVersion": "1.1.0", "interfaces": [{ "name": "eth0", "sandbox": "/run/netns/x" }],
          "ips": [{ "address": "{{address4}}", "interface": 0 }, { "address": "{{address6}}", "interface": 0 }] }
        """);

    private PluginResult Run(string verb, string config, string containerId) =>
        _node.Plugin.Run("portmap", verb, config, containerId, "/run/netns/outside", "eth0");

    private string Ruleset() => _node.Sandbox.Run("nft", "list", "ruleset");

    [Fact]
    public void Hundred_come_and_go_at_once_and_leave_nothing()
    {
        _ = Run("ADD", Chained(1000), "shared").ExpectSuccess();
        _ = Run("DEL", Chained(1000), "shared").ExpectSuccess();
        NodeState before = NodeState.Of(_node.Sandbox);
        foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
        {
            _ = Parallel.For(
                0, 100, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Run(verb, Chained(i), $"c{i}").ExpectSuccess());
        }
        NodeState.Of(_node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void Chains_and_rules_of_a_hundred_pods_are_those_of_one()
    {
        _ = Run("ADD", Chained(0), "c0").ExpectSuccess();
        string[] one = Skeleton();
        _ = Parallel.For(1, 100, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Run("ADD", Chained(i), $"c{i}").ExpectSuccess());
        Assert.Equal(one, Skeleton());

        string[] Skeleton() =>
        [
            .. _node.Sandbox.Run("nft", "--terse", "list", "ruleset")
                .Split('\n')
                .Where(static line => !line.Contains("elements", StringComparison.Ordinal)),
        ];
    }

    [Fact]
    public void Listing_is_read_back_by_nft_as_the_same()
    {
        _ = Run(
            "ADD",
            Chained(
                0,
                """, "conditionsV4": ["ip saddr { 10.0.0.0/8, 192.0.2.2 } iifname \"up*\""], "conditionsV6": ["meta mark and 0xff =="""
                + """ 1"]"""),
            "c0")
            .ExpectSuccess();
        _ = Run(
            "ADD",
            Chained("""{ "hostPort": 1, "containerPort": 2, "protocol": "sctp", "hostIP": "192.0.2.1" }""", "10.9.0.2/16", "fd00:9::2/64"),
            "c1")
            .ExpectSuccess();
        string listing = Ruleset();
        string file = _node.Sandbox.WriteFile("listing.nft", "flush ruleset\n" + listing);
        _ = _node.Sandbox.Run("nft", "-f", file);
        Assert.Equal(listing, Ruleset());
        _ = Run(
            "CHECK",
            Chained("""{ "hostPort": 1, "containerPort": 2, "protocol": "sctp", "hostIP": "192.0.2.1" }""", "10.9.0.2/16", "fd00:9::2/64"),
            "c1")
            .ExpectSuccess();
    }

    [Fact]
    public void Flushed_ruleset_is_told_by_CHECK_and_restored_by_the_next_ADD()
    {
        _ = Run("ADD", Chained(0), "c0").ExpectSuccess();
        string whole = Ruleset();
        _ = _node.Sandbox.Run("nft", "flush", "ruleset");
        Assert.Contains("chain inet cniplugin", Run("CHECK", Chained(0), "c0").ExpectError(code: 104), StringComparison.Ordinal);
        _ = Run("ADD", Chained(0), "c0").ExpectSuccess();
        Assert.Equal(whole, Ruleset());
    }

    [Fact]
    public void Calls_survive_a_ruleset_that_is_flushed_all_the_time()
    {
        using CancellationTokenSource done = new();
        Thread vandal = new(() =>
        {
            while (!done.IsCancellationRequested)
                _ = _node.Sandbox.Run("nft", "flush", "ruleset");
        });
        vandal.Start();
        try
        {
            _ = Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                _ = Run("ADD", Chained(i), $"c{i}").ExpectSuccess();
                _ = Run("DEL", Chained(i), $"c{i}").ExpectSuccess();
            });
        }
        finally
        {
            done.Cancel();
            vandal.Join();
        }
        Assert.DoesNotContain("comment", Ruleset(), StringComparison.Ordinal);
    }

    // P7: SIGKILL at any instant.
    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public void Nothing_is_left_of_a_killed_call_after_the_next_del(string verb)
    {
        string config = Chained(
            string.Join(", ", Enumerable.Range(0, 50).Select(i => PublishingNode.Both(21_000 + i))), "10.9.0.2/16", "fd00:9::2/64");
        _ = Run("ADD", config, "shared").ExpectSuccess();
        _ = Run("DEL", config, "shared").ExpectSuccess();
        NodeState before = NodeState.Of(_node.Sandbox);
        int seed = Random.Shared.Next(short.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 30; round++)
        {
            if (verb == "DEL")
                _ = Run("ADD", config, $"c{round}").ExpectSuccess();
            using RunningCommand call = _node.Plugin.Start("portmap", verb, config, $"c{round}", "/run/netns/outside", "eth0");
            call.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 25));
            _ = call.WaitForExit();
            // Half of them as after a failed ADD: without prevResult.
            _ = Run("DEL", round % 2 == 0 ? config : _node.Config(""), $"c{round}").ExpectSuccess();
            NodeState.Of(_node.Sandbox).AssertSameAs(before);
        }
    }

    [Fact]
    public void Nothing_to_do_is_nothing_done()
    {
        string config = Chained("", "10.9.0.2/16", "fd00:9::2/64");
        foreach (string verb in (string[])["ADD", "CHECK", "DEL", "DEL", "GC", "STATUS"])
            _ = Run(verb, config, "c0").ExpectSuccess();
        Assert.Empty(Ruleset());
    }

    [Theory]
    [InlineData("""{ "hostPort": 0, "containerPort": 80, "protocol": "tcp" }""", "", 7, "portMappings[0].hostPort")]
    [InlineData("""{ "hostPort": 80, "containerPort": 80 }""", """, "backend": "ipvs" """, 7, "backend")]
    [InlineData("""{ "hostPort": 80, "containerPort": 80 }""", """, "conditionsV6": ["tcp flags syn"]""", 2, "\"tcp\"")]
    public void Refused_is_refused_before_anything_is_done_and_DEL_succeeds(string mapping, string keys, int code, string word)
    {
        string config = Chained(mapping, "10.9.0.2/16", "fd00:9::2/64", keys);
        Assert.Contains(word, Run("ADD", config, "c0").ExpectError(code), StringComparison.Ordinal);
        Assert.Empty(Ruleset());
        _ = Run("DEL", config, "c0").ExpectSuccess();
    }
}
