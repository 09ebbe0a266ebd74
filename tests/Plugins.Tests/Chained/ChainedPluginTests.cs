using System.Text.Json;
using Cni;
using Datapath.Attachments;
using Plugins.Chained;
using TestKit;

namespace Plugins.Tests.Chained;

public sealed class ChainedPluginTests
{
    private const string Everything = """
        "prevResult": {"cniVersion": "1.1.0", "x-top": {"a": [1, "<&>"]}, "dns": {"nameservers": ["10.1.2.1"]},
          "interfaces": [{"name": "veth1", "x-host": true},
            {"name": "eth0", "mac": "02:00:00:00:00:02", "mtu": 1400, "sandbox": "/run/netns/a", "x-pod": null, "x-id": 1.50}],
          "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 1, "x-ip": "y"}, {"address": "fd00::3/64",
          "interface": 1}],
          "routes": [{"dst": "0.0.0.0/0", "x-route": {}}, {"dst": "10.9.0.0/16", "gw": "10.1.2.9", "mtu": 1400}]}
        """;

    private static FakeHost Run(TestPlugin plugin, string command, string members, int expect = 0)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_NETNS"] = "/proc/self/ns/net";
        host["CNI_NETNS_OVERRIDE"] = "1";
        int status = CniProgram.Run(host, plugin);
        Assert.True(status == expect, $"{command}: {string.Concat(host.Outputs)}");
        return host;
    }

    private static JsonElement Json(FakeHost host) => JsonDocument.Parse(host.Output).RootElement;

    [Theory]
    [Trait("Conformance", "C36")]
    [InlineData("ADD", "")]
    [InlineData("ADD", "\"prevResult\": null")]
    [InlineData("CHECK", "")]
    [InlineData("CHECK", "\"prevResult\": null")]
    public void ADD_and_CHECK_without_prevResult_are_refused(string command, string members)
    {
        TestPlugin plugin = new();
        JsonElement error = Json(Run(plugin, command, members, expect: 1));
        Assert.Equal(7, error.GetProperty("code").GetInt32());
        Assert.Contains("prevResult", error.GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Theory]
    [InlineData("DEL", "")]
    [InlineData("DEL", "\"prevResult\": null")]
    [InlineData("DEL", "\"prevResult\": {\"cniVersion\": \"1.1.0\", \"ips\": \"none\"}")]
    [InlineData("DEL", "\"prevResult\": {\"cniVersion\": \"0.4.0\"}")]
    [InlineData("GC", "")]
    [InlineData("STATUS", "")]
    public void DEL_GC_and_STATUS_need_none(string command, string members)
    {
        TestPlugin plugin = new();
        Assert.Empty(Run(plugin, command, members).Outputs);
        Assert.Equal(command == "STATUS" ? [] : [command], plugin.Calls);
        Assert.Null(plugin.Told);
    }

    [Fact]
    [Trait("Conformance", "C36")]
    public void ADD_hands_the_prevResult_on_with_unknown_members()
    {
        string answer = Run(new TestPlugin(), "ADD", Everything).Output;
        using JsonDocument expected = JsonDocument.Parse("{" + Everything.Replace(", \"x-pod\": null", "", StringComparison.Ordinal) + "}");
        using JsonDocument given = JsonDocument.Parse(answer);
        Assert.True(JsonElement.DeepEquals(expected.RootElement.GetProperty("prevResult"), given.RootElement), answer);
    }

    [Fact]
    public void What_Attach_enters_is_in_the_answer()
    {
        TestPlugin plugin = new() { OnAttach = (result, _) => result.Interfaces.Add(new CniInterface { Name = "ifb1" }) };
        Assert.Equal("ifb1", Json(Run(plugin, "ADD", Everything)).GetProperty("interfaces")[2].GetProperty("name").GetString());
    }

    [Fact]
    public void Failed_ADD_is_undone()
    {
        bool undone = false;
        TestPlugin plugin = new()
        {
            OnAttach = (_, undo) =>
            {
                undo.Push("take it back", () => undone = true);
                throw new CniException(CniErrorCode.KernelFailure, "no");
            },
        };
        Assert.Contains("\"no\"", Run(plugin, "ADD", Everything, expect: 1).Output, StringComparison.Ordinal);
        Assert.True(undone);
    }

    [Fact]
    public void Result_that_the_version_cannot_express_is_refused_before_anything_is_done()
    {
        TestPlugin plugin = new();
        FakeHost host = TestCall.HostFor("ADD", "");
        host["CNI_NETNS"] = "/proc/self/ns/net";
        host["CNI_NETNS_OVERRIDE"] = "1";
        host.Input = """{"cniVersion": "0.2.0", "name": "pods", "type": "test", "prevResult": {"cniVersion": "0.2.0"}}""";
        Assert.Equal(1, CniProgram.Run(host, plugin));
        Assert.Contains("0.3.0 or newer", host.Output, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Fact]
    public void Addresses_of_the_container_are_its_interfaces_and_those_of_none()
    {
        CniResult result = new()
        {
            Interfaces =
            {
                new CniInterface { Name = "eth0" },
                new CniInterface { Name = "eth0", Sandbox = "/a" },
                new CniInterface { Name = "eth1", Sandbox = "/a" },
            },
        };
        foreach (int? index in (int?[])[0, 1, 2, null])
            result.Ips.Add(new CniIp { Address = TestCall.Prefix($"10.0.0.{index ?? 9}/24"), Interface = index });
        Assert.Equal(["10.0.0.1/24", "10.0.0.9/24"], result.IpsOf("eth0").Select(ip => ip.Address.ToString()));
    }

    private sealed class TestPlugin : ChainedPlugin
    {
        public override string Type => "test";

        public List<string> Calls { get; } = [];

        public Action<CniResult, UndoStack> OnAttach { get; init; } = (_, _) => { };

        public CniResult? Told { get; private set; }

        private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
        {
            Calls.Add("ADD");
            OnAttach(result, undo);
        }

        private protected override void Compare(CniInvocation call, CniResult result) => Calls.Add("CHECK");

        public override void Del(CniInvocation call)
        {
            Calls.Add("DEL");
            Told = call.ReadablePrevResult;
        }

        public override void Gc(CniInvocation call) => Calls.Add("GC");
    }
}
