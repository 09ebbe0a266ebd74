using System.Text;
using TestKit;

namespace Cni.Tests;

public sealed class CniProgramConfigTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n", "is empty")]
    [InlineData("{\"name\": \"n\"", "is not valid JSON")]
    [InlineData("[]", "is a list, expected an object")]
    [InlineData("null", "is null, expected an object")]
    [InlineData("{\"name\": \"n\"} x", "is not valid JSON")]
    [InlineData("{\"name\": \"n\"} {}", "is not valid JSON")]
    [InlineData("{\"name\": \"n\",}", "is not valid JSON")]
    [InlineData("{/* comment */\"name\": \"n\"}", "is not valid JSON")]
    [InlineData("\ufeff{\"name\": \"n\"}", "byte order mark")]
    [InlineData("{\"name\": 5}", "name is 5, expected a string")]
    [InlineData("{\"name\": \"\\ud800\"}", "expected a string of valid Unicode")]
    [Trait("Conformance", "C12")]
    public void Input_that_is_no_configuration_is_refused(string input, string problem)
    {
        FakePlugin plugin = new();
        (int code, string message, _) = Answer.Error(FakeHost.For("ADD", input), plugin);
        Assert.Equal(6, code);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.Empty(plugin.Calls);
    }

    [Fact]
    [Trait("Conformance", "C12")]
    public void Input_cut_anywhere_is_refused()
    {
        const string Whole = """{"cniVersion":"1.1.0","name":"net1","dns":{"search":["a",null]},"mtu":1.5e3,"x":true}""";
        for (int length = 0; length < Whole.Length; length++)
            Assert.Equal(6, Answer.Error(FakeHost.For("DEL", Whole[..length]), new FakePlugin()).Code);
        Answer.Silence(FakeHost.For("DEL", Whole), new FakePlugin());
    }

    [Fact]
    [Trait("Conformance", "C12")]
    public void Nesting_is_bounded_and_legal_depths_pass()
    {
        static string Nested(int depth) => $$"""{"name":"n","x":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        Answer.Silence(FakeHost.For("DEL", Nested(200)), new FakePlugin());
        Assert.Equal(6, Answer.Error(FakeHost.For("DEL", Nested(100_000)), new FakePlugin()).Code);
    }

    [Fact]
    [Trait("Conformance", "C12")]
    public void Bytes_that_are_no_UTF8_are_refused()
    {
        FakeHost host = FakeHost.For("DEL");
        host.RawInput = [.. "{\"name\":\""u8, 0xff, .. "\"}"u8];
        Assert.Equal(6, Answer.Error(host, new FakePlugin()).Code);
    }

    [Theory]
    [InlineData("""{"cniVersion": "1.1.0"}""", "\"name\" is missing")]
    [InlineData("""{"cniVersion": "1.1.0", "name": null}""", "\"name\" is missing")]
    [InlineData("""{"cniVersion": "1.1.0", "name": ""}""", "\"name\" is missing")]
    [InlineData("""{"cniVersion": "1.1.0", "name": "../x"}""", "../x")]
    [InlineData("""{"cniVersion": "1.1.0", "name": "a/b"}""", "a/b")]
    [InlineData("""{"cniVersion": "1.1.0", "name": "x\n"}""", "x\n")]
    [Trait("Conformance", "C13")]
    public void Missing_or_invalid_name_is_refused(string input, string part)
    {
        (int code, string message, _) = Answer.Error(FakeHost.For("ADD", input), new FakePlugin());
        Assert.Equal(7, code);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name": "net1"}""")]
    [InlineData("""{"cniVersion": "", "name": "net1"}""")]
    [InlineData("""{"cniVersion": null, "name": "net1"}""")]
    [Trait("Conformance", "C14")]
    public void Absent_version_is_0_1_0(string input)
    {
        System.Text.Json.JsonElement result = Answer.Result(FakeHost.For("ADD", input), new FakePlugin());
        Assert.Equal("0.1.0", result.GetProperty("cniVersion").GetString());
        Assert.Equal("10.1.2.3/24", result.GetProperty("ip4").GetProperty("ip").GetString());
    }

    [Theory]
    [InlineData("9.9.9")]
    [InlineData("0.4")]
    [InlineData("abc")]
    [Trait("Conformance", "C15")]
    public void Unknown_version_is_refused_with_the_supported_ones(string version)
    {
        foreach (string command in new[] { "ADD", "DEL" })
        {
            string input = $$"""{"cniVersion": "{{version}}", "name": "net1"}""";
            (int code, _, string details) = Answer.Error(FakeHost.For(command, input), new FakePlugin());
            Assert.Equal(1, code);
            Assert.Equal($"config is \"{version}\", plugin supports [0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0]", details);
        }
    }

    [Fact]
    [Trait("Conformance", "C15")]
    public void Version_that_is_no_string_is_a_decoding_failure()
    {
        (int code, string message, _) = Answer.Error(FakeHost.For("ADD", """{"cniVersion": 1.0, "name": "net1"}"""), new FakePlugin());
        Assert.Equal(6, code);
        Assert.Contains("cniVersion is 1.0, expected a string", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CHECK", "abc")]
    [InlineData("GC", "1.x")]
    [InlineData("STATUS", "1.1.0.0")]
    [Trait("Conformance", "C15")]
    public void Version_that_cannot_be_compared_is_a_decoding_failure(string command, string version)
    {
        string input = $$"""{"cniVersion": "{{version}}", "name": "net1"}""";
        Assert.Equal(6, Answer.Error(FakeHost.For(command, input), new FakePlugin()).Code);
    }

    [Fact]
    [Trait("Conformance", "C16")]
    public void Unknown_keys_are_ignored() => Answer.Silence(
        FakeHost.For("DEL", """{"name": "n", "capabilities": {"portMappings": true}, "frob": [{}], "": 1}"""), new FakePlugin());

    [Fact]
    [Trait("Conformance", "C17")]
    [Trait("Conformance", "C19")]
    public void Keys_match_in_any_case_and_escaped() => Answer.Silence(
        FakeHost.For("DEL", """{"NAME": "first", "CniVersion": "0.4.0", "n\u0061me": "n\u00651"}"""),
        new FakePlugin
        {
            OnOther = invocation => Assert.Equal(("ne1", "0.4.0"), (invocation.Network, invocation.CniVersion)),
        });

    [Fact]
    [Trait("Conformance", "C18")]
    public void Null_counts_as_absent() => Answer.Silence(
        FakeHost.For("DEL", """{"name": "n", "name": null, "prevResult": null, "cni.dev/valid-attachments": null}"""),
        new FakePlugin
        {
            OnOther = invocation =>
            {
                Assert.Equal("n", invocation.Network);
                Assert.Null(invocation.PrevResult);
                Assert.Empty(invocation.ValidAttachments);
            },
        });

    [Fact]
    public void Input_reaches_the_plugin_byte_for_byte()
    {
        FakeHost host = FakeHost.For("DEL", " {\t\"name\" : \"n\", \"x\":null } \n");
        Answer.Silence(host, new FakePlugin
        {
            OnOther = invocation => Assert.Equal(host.Input, Encoding.UTF8.GetString(invocation.Input.Span)),
        });
    }
}
