using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// IPAM plugins of others that misbehave: whatever they do, the call ends with an answer, and a failed ADD with a DEL to them (C32 to C34,
/// C73 to C75).
/// </summary>
public sealed class DelegateTests : IDisposable
{
    private const string Answer = """{ "cniVersion": "1.0.0", "ips": [{ "address": "10.35.0.9/24", "gateway": "10.35.0.1" }] }""";

    private readonly HostileNetwork _network = new();
    private readonly string _log;

    public DelegateTests() => _log = Path.Combine(_network.Sandbox.Directory, "log");

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData("""echo '{ "code": 117, "msg": "no more water", "details": "the well" }'; exit 1""", 117, "no more water")]
    [InlineData("""echo '{ "code": 12, "msg": "a reserved code" }'; exit 1""", 0, "a reserved code")]
    [InlineData("echo garbage; exit 3", 105, "garbage")]
    [InlineData("echo complaint >&2; exit 1", 105, "complaint")]
    [InlineData("exit 1", 105, "status 1")]
    [InlineData("exit 0", 105, "without a result")]
    [InlineData("echo '{'", 6, "ipam")]
    [InlineData("echo '[]'", 6, "ipam")]
    [InlineData("echo '{}'", 105, "missing IP config")]
    [InlineData("""echo '{ "cniVersion": "1.0.0", "ips": [] }'""", 105, "missing IP config")]
    [InlineData("""echo '{ "cniVersion": "1.0.0", "ips": null }'""", 105, "missing IP config")]
    [InlineData("""echo '{ "cniVersion": "1.0.0", "ips": [{ "address": "10.35.0.300/24" }] }'""", 0, "10.35.0.300")]
    [InlineData("""echo '{ "cniVersion": "9.9.9", "ips": [{ "address": "10.35.0.9/24" }] }'""", 0, "9.9.9")]
    [InlineData(
        """echo '{ "cniVersion": "1.0.0", "ips": [{ "address": "10.35.0.9/24" }], "routes": [{ "dst": "nowhere" }] }'""", 0, "nowhere")]
    [InlineData("kill -KILL $$", 105, "ipam")]
    [InlineData("kill -SEGV $$", 105, "ipam")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' x; exit 1", 105, "xxx")]
    public void A_failing_delegate_is_told_to_release_and_nothing_is_left(string behaviour, int code, string message)
    {
        string config = WriteDelegate($"""[ "$CNI_COMMAND" = ADD ] || exit 0; {behaviour}""");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        Warm();
        NodeState before = NodeState.Of(_network.Sandbox);

        PluginResult failed = Run("ADD", config, pod);

        Assert.Contains(
            message, failed.ExpectError(code == 0 ? failed.Json.GetProperty("code").GetInt32() : code), StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", failed.Output, StringComparison.Ordinal);
        Assert.Equal(["ADD", "DEL"], Verbs());
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void A_delegate_gets_everything_byte_for_byte()
    {
        string config = WriteDelegate(
            $"cat >{_log}.$CNI_COMMAND; env -0 | sort -z | grep -zv ^_= >{_log}.env.$CNI_COMMAND; echo noise >&2; [ $CNI_COMMAND != ADD ] "
            + $"|| echo '{Answer}'");
        config = config.Insert(
            config.IndexOf('{', StringComparison.Ordinal) + 1, "\r\n\t \"Ünknown\": [1e400, \"\\u00fc\\ud83d\\ude00\", null, {\"a\" :1}],");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        Dictionary<string, string?> extra = new() { ["CNI_PATH"] = CniPath, ["TRACEPARENT"] = "00-1-2-3", ["ODD"] = "a=b;c d\n" };

        PluginResult added = _network.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", "IgnoreUnknown=1;K=V", extra)
            .ExpectSuccess();
        PluginResult deleted = _network.Plugin.Run(
            "bridge", "DEL", config, pod.ContainerId, pod.Netns, "eth0", "IgnoreUnknown=1;K=V", extra)
            .ExpectSuccess();

        Assert.Equal("10.35.0.9", HostileNetwork.AddressOf(added));
        Assert.Contains("noise", added.Error, StringComparison.Ordinal);
        Assert.Empty(deleted.Output);
        foreach (string verb in (string[])["ADD", "DEL"])
        {
            Assert.Equal(config, File.ReadAllText($"{_log}.{verb}"));
            string environment = File.ReadAllText($"{_log}.env.{verb}");
            foreach (string variable in (string[])[
                $"CNI_COMMAND={verb}",
                "CNI_CONTAINERID=pod",
                $"CNI_NETNS={pod.Netns}",
                "CNI_ARGS=IgnoreUnknown=1;K=V",
                "TRACEPARENT=00-1-2-3",
                "ODD=a=b;c d\n",
            ])
            {
                Assert.Contains($"{variable}\0", environment, StringComparison.Ordinal);
            }
        }
    }

    // checklist.txt, C32: a step behind IPAM fails.
    [Fact]
    public void A_delegate_is_told_to_release_when_a_later_step_fails()
    {
        string config = WriteDelegate($"[ $CNI_COMMAND != ADD ] || echo '{Answer}'");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        Warm();
        _ = _network.Sandbox.Run("sh", "-euc", "ip addr flush dev cni0; ip addr add 10.77.0.1/16 dev cni0");
        NodeState before = NodeState.Of(_network.Sandbox);

        _ = Run("ADD", config, pod).ExpectError(code: 7);

        Assert.Equal(["ADD", "DEL"], Verbs());
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void A_delegate_that_cannot_release_is_reported_after_everything_else_is_gone()
    {
        string config = WriteDelegate($"[ $CNI_COMMAND = ADD ] || exit 7; echo '{Answer}'");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        Warm();
        NodeState before = NodeState.Of(_network.Sandbox);
        _ = Run("ADD", config, pod).ExpectSuccess();

        _ = Run("DEL", config, pod).ExpectError(code: 105);

        NodeState.Of(_network.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void A_missing_delegate_fails_every_verb_that_needs_it()
    {
        string config = WriteDelegate($"[ $CNI_COMMAND != ADD ] || echo '{Answer}'");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        Warm();
        NodeState before = NodeState.Of(_network.Sandbox);
        PluginResult added = Run("ADD", config, pod).ExpectSuccess();
        File.Delete(Path.Combine(CniPath, "ipam"));

        Assert.Contains("\"ipam\"", Run("CHECK", added.WithPrevResult(config), pod).ExpectError(code: 105), StringComparison.Ordinal);
        Assert.Contains("\"ipam\"", Run("STATUS", config, pod).ExpectError(code: 50), StringComparison.Ordinal);
        Assert.Contains("\"ipam\"", Run("DEL", config, pod).ExpectError(code: 105), StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        Assert.Contains("\"ipam\"", Run("ADD", config, pod).ExpectError(code: 105), StringComparison.Ordinal);
        Assert.Contains("\"ipam\"", Run("GC", config, pod).ExpectError(code: 105), StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
    }

    // Its child keeps stdout open for an hour; the answer does not wait for it (checklist.txt, C77).
    [Fact]
    public void A_delegate_that_leaves_a_child_behind_does_not_hold_the_call()
    {
        string config = WriteDelegate($"[ $CNI_COMMAND = ADD ] || exit 0; sleep 3600 & echo '{Answer}'");
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        Assert.Equal("10.35.0.9", HostileNetwork.AddressOf(Run("ADD", config, pod).ExpectSuccess()));
    }

    private string CniPath => Path.Combine(_network.Sandbox.Directory, "delegates");

    private PluginResult Run(string verb, string config, Pod pod) => _network.Plugin.Run(
        "bridge", verb, config, pod.ContainerId, pod.Netns, "eth0", extraEnv: new Dictionary<string, string?> { ["CNI_PATH"] = CniPath });

    /// <summary>Makes what pods share.</summary>
    private void Warm()
    {
        string config = _network.Config();
        Pod pod = _network.Attach("warm", config);
        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
    }

    private string WriteDelegate(string script)
    {
        _ = _network.Sandbox.WriteFile("delegates/ipam", $"#!/bin/sh\necho $CNI_COMMAND >>{_log}\n{script}\n");
        File.SetUnixFileMode(Path.Combine(CniPath, "ipam"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return """{ "cniVersion": "1.1.0", "name": "hostile", "type": "bridge", "isGateway": true, "ipMasq": true, "ipam": { "type":"""
            + """ "ipam" } }""";
    }

    private string[] Verbs() => File.ReadAllLines(_log);
}
