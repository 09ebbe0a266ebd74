using TestKit;

namespace Cni.Tests;

public sealed class CniProgramEnvironmentTests
{
    public static TheoryData<string, string> InvalidContainerIds()
    {
        TheoryData<string, string> data = [];
        foreach (string command in new[] { "ADD", "CHECK", "DEL" })
        {
            foreach (string id in new[] { "a/b", "-x", ".x", "a b", "é", "abc\n" })
                data.Add(command, id);
        }
        return data;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [Trait("Conformance", "C1")]
    public void No_command_prints_the_about_text_on_stderr(string? command)
    {
        FakeHost host = new() { InputMayBeRead = false };
        if (command is not null)
            host["CNI_COMMAND"] = command;
        Answer.Silence(host, new FakePlugin { Type = "firewall", SupportedVersions = CniVersions.From("0.4.0") });
        Assert.Equal(["CNI firewall plugin v2.0.0", "CNI protocol versions supported: 0.4.0, 1.0.0, 1.1.0"], host.Errors);
    }

    [Theory]
    [InlineData("FROB")]
    [InlineData("add")]
    [Trait("Conformance", "C2")]
    public void Unknown_command_is_named(string command)
    {
        FakePlugin plugin = new();
        (int code, string message, _) = Answer.Error(FakeHost.For(command), plugin);
        Assert.Equal(4, code);
        Assert.Contains(command, message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Fact]
    [Trait("Conformance", "C3")]
    public void All_missing_variables_are_reported_at_once()
    {
        (int code, string message, _) = Answer.Error(new FakeHost("ADD") { ["CNI_PATH"] = "/opt/cni/bin" }, new FakePlugin());
        Assert.Equal(4, code);
        Assert.Equal("required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing", message);
    }

    [Theory]
    [InlineData("CNI_CONTAINERID")]
    [InlineData("CNI_NETNS")]
    [InlineData("CNI_IFNAME")]
    [InlineData("CNI_PATH")]
    [Trait("Conformance", "C4")]
    [Trait("Conformance", "C9")]
    public void Empty_variable_is_a_missing_one(string name)
    {
        FakeHost host = FakeHost.For("ADD");
        host[name] = "";
        (int code, string message, _) = Answer.Error(host, new FakePlugin());
        Assert.Equal(4, code);
        Assert.Equal($"required env variables [{name}] missing", message);
    }

    [Theory]
    [MemberData(nameof(InvalidContainerIds))]
    [Trait("Conformance", "C5")]
    public void Invalid_container_ID_is_refused(string command, string id)
    {
        FakePlugin plugin = new();
        FakeHost host = FakeHost.For(command);
        host["CNI_CONTAINERID"] = id;
        (int code, string message, _) = Answer.Error(host, plugin);
        Assert.Equal(4, code);
        Assert.Contains("CNI_CONTAINERID", message, StringComparison.Ordinal);
        Assert.Contains(id, message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Theory]
    [InlineData("sixteen-bytes-xx")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("éééééééé")]
    [Trait("Conformance", "C6")]
    public void Invalid_interface_name_is_refused(string name)
    {
        foreach (string command in new[] { "ADD", "CHECK", "DEL" })
        {
            FakeHost host = FakeHost.For(command);
            host["CNI_IFNAME"] = name;
            (int code, string message, _) = Answer.Error(host, new FakePlugin());
            Assert.Equal(4, code);
            Assert.Contains($"CNI_IFNAME \"{name}\"", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "C6")]
    public void Interface_name_may_have_15_bytes()
    {
        FakeHost host = FakeHost.For("DEL");
        host["CNI_IFNAME"] = "fifteen-bytes-x";
        Answer.Silence(host, new FakePlugin());
    }

    [Theory]
    [InlineData("GC", "")]
    [InlineData("GC", "a/b c")]
    [InlineData("STATUS", "")]
    [InlineData("STATUS", "a/b c")]
    [Trait("Conformance", "C7")]
    public void Gc_and_status_ignore_attachment_variables(string command, string value)
    {
        FakeHost host = FakeHost.For(command);
        host["CNI_CONTAINERID"] = host["CNI_NETNS"] = host["CNI_IFNAME"] = value;
        Answer.Silence(host, new FakePlugin());
    }

    [Fact]
    [Trait("Conformance", "C8")]
    public void Del_needs_no_netns()
    {
        FakeHost host = FakeHost.For("DEL");
        host["CNI_NETNS"] = "";
        FakePlugin plugin = new() { NeedsNetNS = true, OnOther = invocation => Assert.False(invocation.NetNSIsOwn) };
        Answer.Silence(host, plugin);
        Assert.Equal([CniVerb.Del], plugin.Calls);
    }

    [Fact]
    public void Unreadable_stdin_is_an_IO_failure()
    {
        FakeHost host = FakeHost.For("DEL");
        host.InputIsBroken = true;
        (int code, string message, _) = Answer.Error(host, new FakePlugin());
        Assert.Equal(5, code);
        Assert.Contains("stdin: read: EBADF", message, StringComparison.Ordinal);
    }
}
