using Cni;
using Plugins.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

public sealed class FirewallSettingsTests
{
    private static FirewallSettings Read(string members) => TestCall.Add(members, FirewallSettings.Read);

    [Fact]
    public void Without_keys_the_defaults_hold()
    {
        FirewallSettings settings = Read("");
        Assert.Equal(
            (IngressPolicy.Open, 0x1000u, "trusted", "CNI-ADMIN"),
            (settings.Policy, settings.Mark, settings.FirewalldZone, settings.AdminChain));
        Assert.Equal((true, false), (settings.UsesFirewalld, settings.NeedsFirewalld));
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("iptables", false, false)]
    [InlineData("nftables", false, false)]
    [InlineData("firewalld", true, true)]
    public void Backend_says_whether_firewalld_is_told(string backend, bool uses, bool needs)
    {
        FirewallSettings settings = Read($"\"backend\": \"{backend}\"");
        Assert.Equal((uses, needs), (settings.UsesFirewalld, settings.NeedsFirewalld));
    }

    [Theory]
    [InlineData("", IngressPolicy.Open)]
    [InlineData("open", IngressPolicy.Open)]
    [InlineData("same-bridge", IngressPolicy.SameBridge)]
    [InlineData("isolated", IngressPolicy.Isolated)]
    internal void Policies_have_names(string text, object policy) => Assert.Equal(policy, Read($"\"ingressPolicy\": \"{text}\"").Policy);

    [Theory]
    [InlineData(0, 0x1u)]
    [InlineData(12, 0x1000u)]
    [InlineData(31, 0x8000_0000u)]
    public void Mark_is_one_bit(int bit, uint mark) => Assert.Equal(mark, Read($"\"markForwardBit\": {bit}").Mark);

    [Theory]
    [InlineData("\"backend\": \"ufw\"", "backend", "\"ufw\"", "nftables")]
    [InlineData("\"ingressPolicy\": \"closed\"", "ingressPolicy", "\"closed\"", "same-bridge")]
    [InlineData("\"ingressPolicy\": \"Open\"", "ingressPolicy", "\"Open\"", "open")]
    [InlineData("\"markForwardBit\": 32", "markForwardBit", "32", "0 to 31")]
    [InlineData("\"markForwardBit\": -1", "markForwardBit", "-1", "0 to 31")]
    [InlineData("\"iptablesAdminChainName\": \"FORWARD\"", "iptablesAdminChainName", "FORWARD")]
    [InlineData("\"iptablesAdminChainName\": \"DROP\"", "iptablesAdminChainName", "target")]
    [InlineData("\"iptablesAdminChainName\": \"-x\"", "iptablesAdminChainName", "option")]
    [InlineData("\"iptablesAdminChainName\": \"MY CHAIN\"", "iptablesAdminChainName", "character")]
    [InlineData("\"iptablesAdminChainName\": \"A2345678901234567890123456789\"", "iptablesAdminChainName", "28")]
    public void Wrong_value_is_told_with_its_key_and_the_remedy(string member, params string[] words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, words, () => Read(member));

    [Theory]
    [InlineData("\"backend\": 1", "backend")]
    [InlineData("\"ingressPolicy\": true", "ingressPolicy")]
    [InlineData("\"markForwardBit\": \"0x1000\"", "markForwardBit")]
    [InlineData("\"firewalldZone\": []", "firewalldZone")]
    [InlineData("\"iptablesAdminChainName\": 5", "iptablesAdminChainName")]
    public void Wrong_type_is_told_with_its_key(string member, string key) =>
        TestCall.AssertFails(CniErrorCode.DecodingFailure, [key], () => Read(member));

    [Fact]
    public void Keys_are_found_in_any_case_and_null_is_absent()
    {
        FirewallSettings settings = Read(
            "\"INGRESSPOLICY\": \"isolated\", \"firewalldzone\": \"work\", \"markForwardBit\": null, \"iptablesAdminChainName\": "
            + "\"ADMIN\"");
        Assert.Equal(
            (IngressPolicy.Isolated, 0x1000u, "work", "ADMIN"),
            (settings.Policy, settings.Mark, settings.FirewalldZone, settings.AdminChain));
    }
}
