using System.Text;
using Cni;
using Plugins.Ipam.Dhcp;
using TestKit;

namespace Plugins.Tests.Ipam.Dhcp;

public sealed class DhcpSettingsTests
{
    private static DhcpSettings Read(string ipam, string args = "") => TestCall.Add($"\"ipam\": {{{ipam}}}", DhcpSettings.Read, args);

    [Fact]
    public void Defaults_ask_for_an_IPv4_address_and_what_belongs_to_it()
    {
        DhcpSettings settings = Read("");
        Assert.Equal("/run/cni/dhcp.sock", settings.SocketPath);
        Assert.Equal(
            ("pods", "c1", "eth0", "/run/netns/absent"),
            (settings.Request.Network, settings.Request.ContainerId, settings.Request.IfName, settings.Request.NetNS));
        Assert.True(settings.Request.IPv4);
        Assert.False(settings.Request.IPv6);
        Assert.Null(settings.Request.Priority);
        Assert.Empty(settings.Request.Options);
        Assert.Equal([1, 121, 3, 33, 6, 15, 119], settings.Request.RequestedOptions);
    }

    [Fact]
    public void Every_key_is_read()
    {
        DhcpSettings settings = Read("\"daemonSocketPath\": \"/x\", \"priority\": 5, \"ipv4\": false, \"ipv6\": true");
        Assert.Equal("/x", settings.SocketPath);
        Assert.Equal((5, false, true), (settings.Request.Priority, settings.Request.IPv4, settings.Request.IPv6));
    }

    [Theory]
    // The names of the reference, and numbers.
    [InlineData("subnet-mask", 1)]
    [InlineData("routers", 3)]
    [InlineData("host-name", 12)]
    [InlineData("vendor-class-identifier", 60)]
    [InlineData("dhcp-client-identifier", 61)]
    [InlineData("user-class", 77)]
    [InlineData("0", 0)]
    [InlineData("255", 255)]
    public void Options_have_names_or_numbers(string option, byte code)
    {
        DhcpSettings settings = Read($$"""
            "provide": [{"option": "{{option}}", "value": "v"}], "request": [{"option": "{{option}}"}, {"skipDefault": true}]
            """);
        Assert.Equal([code], settings.Request.Options.Keys);
        Assert.Equal([code], settings.Request.RequestedOptions);
    }

    [Fact]
    public void Values_come_from_the_configuration_or_from_CNI_ARGS()
    {
        DhcpSettings settings = Read("""
            "provide": [{"option": "12", "fromArg": "POD"}, {"option": "77", "fromArg": "ABSENT"}, {"option": "60", "value": "v",
            "fromArg": "POD"}]
            """, "IgnoreUnknown=1;POD=blue");
        Assert.Equal(
            ["12 blue", "60 v"], settings.Request.Options.Select(static option => $"{option.Key} {Encoding.UTF8.GetString(option.Value)}"));
    }

    [Fact]
    public void Requested_options_come_behind_the_default_ones_and_once() =>
        Assert.Equal([1, 121, 3, 33, 6, 15, 119, 26], Read("""
            "request": [{"option": "26"}, {"option": "routers"}, {"option": "26"}]
            """).Request.RequestedOptions);

    [Theory]
    [InlineData("\"provide\": [{\"option\": \"hostname\", \"value\": \"x\"}]", "ipam.provide[0].option", "hostname")]
    [InlineData("\"provide\": [{\"value\": \"x\"}]", "ipam.provide[0].option", "\"\"")]
    [InlineData("\"request\": [{\"skipDefault\": true}, {\"option\": \"256\"}]", "ipam.request[1].option", "256")]
    [InlineData("\"ipv4\": false", "ipam.ipv4", "ipam.ipv6")]
    [InlineData("\"priority\": -1", "ipam.priority", "-1")]
    public void Wrong_values_are_refused_by_key_and_value(string ipam, params string[] words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, words, () => Read(ipam));

    [Theory]
    [InlineData("value")]
    [InlineData("fromArg")]
    public void A_value_that_no_option_holds_is_refused(string source)
    {
        string text = new('x', 256);
        string ipam = $$"""
            "provide": [{"option": "12", "{{source}}": "{{(source == "value" ? text : "POD")}}"}]
            """;
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [$"ipam.provide[0].{source}", "256"], () => Read(ipam, $"POD={text}"));
    }

    [Fact]
    public void The_section_must_be_there() =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["ipam is missing"], () => TestCall.Add("", DhcpSettings.Read));

    [Fact]
    public void The_key_alone_is_read_whatever_else_the_section_holds() =>
        Assert.Equal("/x", TestCall.Add("\"ipam\": {\"provide\": 5, \"daemonSocketPath\": \"/x\"}", DhcpSettings.ReadKey).SocketPath);
}
