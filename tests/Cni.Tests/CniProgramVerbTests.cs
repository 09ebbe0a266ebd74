using System.Text.Json;
using TestKit;

namespace Cni.Tests;

public sealed class CniProgramVerbTests
{
    private const string OwnNamespace = "/proc/self/ns/net";

    public static TheoryData<string> Versions => [.. CniVersions.All];

    [Theory]
    [InlineData("")]
    [InlineData("dummy")]
    [Trait("Conformance", "C20")]
    [Trait("Conformance", "C21")]
    [Trait("Conformance", "C22")]
    public void Version_is_answered_without_reading_stdin(string other)
    {
        FakeHost host = new("VERSION") { InputMayBeRead = false };
        host["CNI_NETNS"] = host["CNI_IFNAME"] = host["CNI_PATH"] = other;
        FakePlugin plugin = new();
        Assert.Equal(0, CniProgram.Run(host, plugin));
        Assert.Equal(
            """{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}""" + "\n", host.Output);
        Assert.Empty(plugin.Calls);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("Conformance", "C23")]
    public void Add_answers_one_result_in_the_config_version(string version)
    {
        string input = $$"""{"cniVersion": "{{version}}", "name": "net1"}""";
        FakeHost host = FakeHost.For("ADD", input);
        JsonElement result = Answer.Result(host, new FakePlugin());
        Assert.Equal(version, result.GetProperty("cniVersion").GetString());
        Assert.Empty(host.Errors);
    }

    [Fact]
    [Trait("Conformance", "C30")]
    public void Absent_namespace_is_refused_before_the_plugin_runs()
    {
        FakePlugin plugin = new() { NeedsNetNS = true };
        (int code, string message, _) = Answer.Error(FakeHost.For("ADD"), plugin);
        Assert.Equal(8, code);
        Assert.Contains("/run/netns/absent does not exist", message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Fact]
    [Trait("Conformance", "C30")]
    public void Plain_file_is_no_namespace()
    {
        FakeHost host = FakeHost.For("CHECK");
        host["CNI_NETNS"] = typeof(CniProgram).Assembly.Location;
        FakePlugin plugin = new() { NeedsNetNS = true };
        (int code, string message, _) = Answer.Error(host, plugin);
        Assert.Equal(8, code);
        Assert.Contains("is not a network namespace", message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Theory]
    [InlineData("ADD")]
    [InlineData("CHECK")]
    [Trait("Conformance", "C31")]
    public void Own_namespace_is_refused_before_the_plugin_runs(string command)
    {
        FakeHost host = FakeHost.For(command);
        host["CNI_NETNS"] = OwnNamespace;
        FakePlugin plugin = new();
        Assert.Equal(8, Answer.Error(host, plugin).Code);
        Assert.Empty(plugin.Calls);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("yes", false)]
    [Trait("Conformance", "C31")]
    public void Override_allows_the_own_namespace(string value, bool allowed)
    {
        FakeHost host = FakeHost.For("ADD");
        host["CNI_NETNS"] = OwnNamespace;
        host["CNI_NETNS_OVERRIDE"] = value;
        FakePlugin plugin = new() { NeedsNetNS = true };
        Assert.Equal(allowed ? 0 : 1, CniProgram.Run(host, plugin));
        Assert.Equal(allowed ? 1 : 0, plugin.Calls.Count);
    }

    [Fact]
    [Trait("Conformance", "C50")]
    public void Del_is_told_that_the_namespace_is_its_own()
    {
        FakeHost host = FakeHost.For("DEL");
        host["CNI_NETNS"] = OwnNamespace;
        Answer.Silence(host, new FakePlugin { OnOther = invocation => Assert.True(invocation.NetNSIsOwn) });
        host["CNI_NETNS_OVERRIDE"] = "true";
        Answer.Silence(host, new FakePlugin { OnOther = invocation => Assert.False(invocation.NetNSIsOwn) });
    }

    [Theory]
    [InlineData("/run/netns/absent")]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/passwd/below")]
    [Trait("Conformance", "C46")]
    public void Del_sees_no_namespace_where_there_is_none(string path)
    {
        FakeHost host = FakeHost.For("DEL");
        host["CNI_NETNS"] = path;
        Answer.Silence(host, new FakePlugin
        {
            NeedsNetNS = true,
            OnOther = invocation => Assert.Equal((null, false), (invocation.Namespace, invocation.NetNSIsOwn)),
        });
    }

    [Fact]
    [Trait("Conformance", "C35")]
    public void Result_without_address_cannot_be_written_as_0_2_0_and_is_undone()
    {
        FakePlugin plugin = new() { OnAdd = _ => new CniResult { Interfaces = { new CniInterface { Name = "eth0" } } } };
        (int code, string message, _) = Answer.Error(FakeHost.For("ADD", """{"cniVersion": "0.2.0", "name": "net1"}"""), plugin);
        Assert.Equal(7, code);
        Assert.Contains("use cniVersion 0.3.0 or newer", message, StringComparison.Ordinal);
        Assert.Equal([CniVerb.Add, CniVerb.Del], plugin.Calls);
        Assert.True(CniVersions.NeedsAddress("0.2.0"));
        Assert.False(CniVersions.NeedsAddress("0.3.0"));
    }

    [Fact]
    public void Broken_stdout_undoes_the_add()
    {
        FakeHost host = FakeHost.For("ADD");
        host.OutputIsBroken = true;
        FakePlugin plugin = new();
        Assert.Equal(1, CniProgram.Run(host, plugin));
        Assert.Equal([CniVerb.Add, CniVerb.Del], plugin.Calls);
        Assert.Contains("EPIPE", Assert.Single(host.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_stdout_and_a_failing_undo_are_both_told()
    {
        FakeHost host = FakeHost.For("ADD");
        host.OutputIsBroken = true;
        Assert.Equal(
            1, CniProgram.Run(host, new FakePlugin { OnOther = _ => throw new CniException(CniErrorCode.KernelFailure, "stuck") }));
        Assert.Equal("undoing the ADD: stuck", host.Errors[0]);
        Assert.Contains("EPIPE", host.Errors[1], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C40")]
    public void Warnings_go_to_stderr()
    {
        FakeHost host = FakeHost.For("ADD");
        FakePlugin plugin = new()
        {
            OnAdd = invocation =>
            {
                invocation.Warn("range is nearly full");
                return FakePlugin.OneAddress(invocation);
            },
        };
        _ = Answer.Result(host, plugin);
        Assert.Equal(["warning: range is nearly full"], host.Errors);
    }

    [Theory]
    [InlineData("CHECK", "0.3.1", "0.4.0")]
    [InlineData("CHECK", "", "0.4.0")]
    [InlineData("STATUS", "1.0.0", "1.1.0")]
    [InlineData("GC", "1.0.0", "1.1.0")]
    [InlineData("GC", "0.4.0", "1.1.0")]
    [Trait("Conformance", "C56")]
    [Trait("Conformance", "C63")]
    [Trait("Conformance", "C66")]
    public void Verb_that_the_version_does_not_know_is_refused(string command, string version, string oldest)
    {
        FakePlugin plugin = new();
        (int code, string message, _) = Answer.Error(FakeHost.For(command, $$"""{"cniVersion": "{{version}}", "name": "n"}"""), plugin);
        Assert.Equal(1, code);
        Assert.Contains($"config version does not allow {command}", message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
        Answer.Silence(FakeHost.For(command, $$"""{"cniVersion": "{{oldest}}", "name": "n"}"""), plugin);
    }

    [Theory]
    [InlineData("DEL")]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [InlineData("GC")]
    [Trait("Conformance", "C57")]
    [Trait("Conformance", "C63")]
    [Trait("Conformance", "C66")]
    public void Success_of_other_verbs_prints_nothing(string command)
    {
        FakePlugin plugin = new();
        Answer.Silence(FakeHost.For(command), plugin);
        Assert.Equal([CniVerbText.Parse(command)!.Value], plugin.Calls);
    }

    [Fact]
    public void Plugin_may_support_fewer_versions()
    {
        FakePlugin plugin = new() { SupportedVersions = CniVersions.From("0.4.0") };
        (int code, _, string details) = Answer.Error(FakeHost.For("ADD", """{"cniVersion": "0.3.1", "name": "n"}"""), plugin);
        Assert.Equal(1, code);
        Assert.EndsWith("plugin supports [0.4.0 1.0.0 1.1.0]", details, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C69")]
    public void Gc_list_is_read_under_both_keys()
    {
        const string Old = """ "cni.dev/attachments": [{"containerID": "old", "ifname": "eth0"}] """;
        const string New =
            """ "cni.dev/valid-attachments": [null, {"ContainerID": "a", "ifName": "eth0"}, {"containerID": "a", "ifname": "eth1"}] """;
        Assert.Equal([new Attachment("old", "eth0")], Valid(Old));
        Assert.Equal([new Attachment("a", "eth0"), new Attachment("a", "eth1")], Valid(New));
        Assert.Equal([new Attachment("a", "eth0"), new Attachment("a", "eth1")], Valid($"{New}, {Old}"));
        Assert.Empty(Valid("\"cni.dev/valid-attachments\": null"));
        Assert.Empty(Valid("\"cni.dev/valid-attachments\": []"));
        Assert.Empty(Valid("\"x\": 1"));
    }

    [Theory]
    [InlineData("""{"a": 1}""", 6, "cni.dev/valid-attachments is an object, expected a list")]
    [InlineData("""[{"containerID": "a"}]""", 7, "cni.dev/valid-attachments[0] must have containerID and ifname")]
    [InlineData(
        """[{"containerID": "a", "ifname": "b"}, {"containerID": 5}]""",
        6,
        "cni.dev/valid-attachments[1].containerID is 5, expected a string")]
    [Trait("Conformance", "C69")]
    public void Gc_list_that_cannot_be_read_collects_nothing(string list, int expectedCode, string problem)
    {
        FakeHost host = FakeHost.For("GC", $$"""{"cniVersion": "1.1.0", "name": "n", "cni.dev/valid-attachments": {{list}}}""");
        (int code, string message, _) = Answer.Error(host, new FakePlugin { OnOther = invocation => _ = invocation.ValidAttachments });
        Assert.Equal(expectedCode, code);
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Attachment> Valid(string member)
    {
        IReadOnlyList<Attachment>? list = null;
        FakeHost host = FakeHost.For("GC", $$"""{"cniVersion": "1.1.0", "name": "n", {{member}}}""");
        Answer.Silence(host, new FakePlugin { OnOther = invocation => list = invocation.ValidAttachments });
        return list!;
    }
}
