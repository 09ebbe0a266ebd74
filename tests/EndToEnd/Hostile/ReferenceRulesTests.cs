using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// A node on which the reference's plugins ran (Debian's, with iptables that writes into nftables), switched while pods run.
/// </summary>
public sealed class ReferenceRulesTests : IDisposable
{
    private readonly HostileNetwork _network = new();
    private readonly PluginProcess _reference;

    public ReferenceRulesTests() => _reference = PluginProcess.OfReference(_network.Sandbox, "bridge", "ptp", "host-local");

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData("bridge", true)]
    [InlineData("bridge", false)]
    public void Our_DEL_leaves_what_was_there_before_the_reference_ADD(string type, bool completes)
    {
        string config = Config(type);
        OutsideWorld outside = OutsideWorld.CreateIn(_network.Sandbox);
        // The reference does not wait until its IPv6 gateway is known to be unique, and the gateway is mute so long.
        _ = _network.Sandbox.Run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
        Pod stays = Pod.Create(_network.Sandbox, "stays");
        _ = _reference.Add(type, config, stays).ExpectSuccess();
        string before = Rules();
        Pod goes = Pod.Create(_network.Sandbox, "goes");
        PluginResult added = _reference.Add(type, config, goes).ExpectSuccess();
        Assert.NotEqual(before, Rules());
        // Without a namespace and a prevResult, as after a crash; the reference leaves its rules then.
        if (!completes)
            goes.Delete();

        PluginResult deleted = _network.Plugin.Delete(type, completes ? added.WithPrevResult(config) : config, goes).ExpectSuccess();

        Assert.Equal("", deleted.Error);
        Assert.Equal(before, Rules());
        stays.AssertReaches(OutsideWorld.Address4);
        stays.AssertReaches(OutsideWorld.Address6);
        Assert.Equal([OutsideWorld.NodeAddress4, OutsideWorld.NodeAddress6], outside.TakePingSources());
        _ = _network.Plugin.Delete(type, config, goes).ExpectSuccess();
        Assert.Equal(before, Rules());
    }

    [Fact]
    public void GC_removes_the_masquerade_of_dead_pods_and_spares_the_others()
    {
        string config = Config("bridge");
        string other = config.Replace($"\"{HostileNetwork.Name}\"", "\"other\"", StringComparison.Ordinal)
            .Replace("10.35.0.", "10.36.0.", StringComparison.Ordinal).Replace("fd35::", "fd36::", StringComparison.Ordinal)
            .Replace("cni0", "cni1", StringComparison.Ordinal);
        Pod lives = Pod.Create(_network.Sandbox, "lives");
        _ = _reference.Add("bridge", config, lives).ExpectSuccess();
        Pod foreign = Pod.Create(_network.Sandbox, "foreign");
        _ = _reference.Add("bridge", other, foreign).ExpectSuccess();
        string kept = Rules();
        Pod dead = Pod.Create(_network.Sandbox, "dead");
        _ = _reference.Add("bridge", config, dead).ExpectSuccess();
        Pod ours = _network.Attach("ours", Config("bridge", guarded: false));

        string gc = HostileNetwork.WithValid(config, lives, ours).Replace("\"1.0.0\"", "\"1.1.0\"", StringComparison.Ordinal);
        _ = _network.Plugin.Run("bridge", "GC", gc).ExpectSuccess();

        // Its MAC rules do not say their network; the DEL that follows removes them.
        Assert.Equal(Nat(kept), Nat(Rules()));
        _ = _network.Plugin.Delete("bridge", config, dead).ExpectSuccess();
        Assert.Equal(kept, Rules());
        ours.AssertReaches(lives.Address());
    }

    // The way back: what ours left untouched, the reference removes itself.
    [Fact]
    public void The_reference_still_deletes_its_own_pods()
    {
        string config = Config("bridge");
        Pod first = Pod.Create(_network.Sandbox, "first");
        _ = _reference.Add("bridge", config, first).ExpectSuccess();
        Pod second = Pod.Create(_network.Sandbox, "second");
        _ = _reference.Add("bridge", config, second).ExpectSuccess();
        Pod ours = _network.Attach("ours", Config("bridge", guarded: false));
        _ = _network.Plugin.Delete("bridge", config, first).ExpectSuccess();
        _ = _network.Plugin.Delete("bridge", config, ours).ExpectSuccess();

        _ = _reference.Delete("bridge", config, second).ExpectSuccess();

        Assert.DoesNotContain("10.35.0.", Rules(), StringComparison.Ordinal);
        Assert.DoesNotContain("macspoofchk-", Rules(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_in_a_legacy_table_are_told_once()
    {
        string config = Config("bridge");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        PluginResult added = _reference.Add("bridge", config, pod).ExpectSuccess();
        _ = _network.Sandbox.Run("iptables-legacy", "-t", "nat", "-S");

        PluginResult deleted = _network.Plugin.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();

        Assert.Contains("iptables-legacy -t nat -S", Assert.Single(deleted.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        // A pod of ours cannot have any.
        Pod ours = Pod.Create(_network.Sandbox, "ours");
        added = _network.Plugin.Add("bridge", Config("bridge", guarded: false), ours).ExpectSuccess();
        Assert.Equal("", _network.Plugin.Delete("bridge", added.WithPrevResult(config), ours).ExpectSuccess().Error);
    }

    private static IEnumerable<string> Nat(string rules) => rules.Split('\n').Where(static line => line.StartsWith('-'));

    private string Rules() =>
        _network.Sandbox.Run("sh", "-euc", "iptables-nft -t nat -S; ip6tables-nft -t nat -S; nft list table bridge nat 2>&1 || true");

    private string Config(string type, bool guarded = true) => $$"""
        {
          "cniVersion": "1.0.0", "name": "{{HostileNetwork.Name}}", "type": "{{type}}", "bridge": "cni0", "isDefaultGateway": true,
          "ipMasq": true,
          "macspoofchk": {{(guarded ? "true" : "false")}},
          "ipam": {
            "type": "host-local", "dataDir": "{{_network.DataDir}}",
            "ranges": [[{ "subnet": "10.35.0.0/24" }], [{ "subnet": "fd35::/64" }]]
          }
        }
        """;
}
