using TestKit;

namespace Cni.Tests;

public sealed class CniArgsTests
{
    [Theory]
    [InlineData("IgnoreUnknown=1;K8S_POD_NAME=web;IP=10.1.2.3")]
    [InlineData("IP=10.1.2.3;K8S_POD_NAME=web;IgnoreUnknown=true")]
    [InlineData("IP=10.1.2.3;K8S_POD_NAME=web")]
    [InlineData(";;IP=10.1.2.3;")]
    [InlineData("IP=10.9.9.9;IP=10.1.2.3;=x;ip=10.8.8.8")]
    [Trait("Conformance", "C10")]
    public void Known_key_is_found_whatever_surrounds_it(string text) => Assert.Equal("10.1.2.3", CniArgs.Parse(text).Find("IP"));

    [Fact]
    public void Value_may_hold_an_equals_sign() => Assert.Equal("b=c=", CniArgs.Parse("A=b=c=").Find("A"));

    [Theory]
    [InlineData("")]
    [InlineData("MAC=")]
    [InlineData("mac=02:00:00:00:00:01")]
    public void Absent_or_empty_is_null(string text) => Assert.Null(CniArgs.Parse(text).Find("MAC"));

    [Fact]
    [Trait("Conformance", "C11")]
    public void Segment_without_equals_sign_fails_add_and_not_del()
    {
        foreach ((string command, int expected) in new[] { ("ADD", 1), ("DEL", 0) })
        {
            FakeHost host = FakeHost.For(command);
            host["CNI_ARGS"] = "IP=10.1.2.3;frob";
            FakePlugin plugin = new()
            {
                OnAdd = invocation =>
                {
                    _ = invocation.Args;
                    return FakePlugin.OneAddress(invocation);
                },
                OnOther = invocation => Assert.Equal("10.1.2.3", invocation.Args.Find("IP")),
            };
            Assert.Equal(expected, CniProgram.Run(host, plugin));
            if (command == "ADD")
                Assert.Contains("\\u0022frob\\u0022 is not of the form KEY=VALUE", host.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "C11")]
    public void Invalid_value_is_named()
    {
        CniException error = CniArgs.Parse("MAC=xy").Invalid("MAC", "a MAC address");
        Assert.Equal(CniErrorCode.InvalidEnvironment, error.Code);
        Assert.Equal("CNI_ARGS: MAC is \"xy\", expected a MAC address", error.Message);
    }
}
