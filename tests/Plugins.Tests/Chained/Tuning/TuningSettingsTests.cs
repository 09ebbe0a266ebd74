using Cni;
using Netlink.Route.Links;
using Plugins.Chained.Tuning;
using TestKit;

namespace Plugins.Tests.Chained.Tuning;

public sealed class TuningSettingsTests
{
    private static TuningSettings Read(string members, string args = "") => TestCall.Add(members, TuningSettings.Read, args);

    [Theory]
    [InlineData("")]
    [InlineData("\"sysctl\": {}, \"mac\": \"\", \"promisc\": false, \"mtu\": 0, \"dataDir\": \"\"")]
    [InlineData(
        "\"sysctl\": null, \"mac\": null, \"promisc\": null, \"mtu\": null, \"allmulti\": null, \"txQLen\": null, \"dataDir\": null, "
        + "\"args\": null, \"runtimeConfig\": null")]
    [InlineData("\"args\": {\"cni\": {\"sysctl\": {\"net.core.somaxconn\": null}, \"ips\": [\"10.1.2.3\"]}, \"labels\": []}")]
    public void Nothing_asked_for_is_nothing_to_do(string members)
    {
        TuningSettings settings = Read(members);
        Assert.True(settings.IsEmpty);
        Assert.Equal("/run/cni/tuning", settings.DataDir);
    }

    [Fact]
    public void Every_key_is_read_in_any_case()
    {
        TuningSettings settings = Read("""
            "SysCtl": {"net.core.somaxconn": "512"}, "MAC": "02:00:00:00:00:01", "Promisc": true, "MTU": 1400, "AllMulti": false,
            "txqlen": 0, "DataDir": "/run/x"
            """);
        Assert.Equal([new SysctlSetting("net.core.somaxconn", "net/core/somaxconn", "512")], settings.Sysctls);
        LinkChange link = settings.Link;
        Assert.Equal(
            (TestCall.Mac("02:00:00:00:00:01"), true, 1400, false, 0),
            (link.Mac!.Value, link.Promiscuous!.Value, link.Mtu!.Value, link.AllMulticast!.Value, link.TxQueueLength!.Value));
        Assert.Equal("/run/x", settings.DataDir);
        Assert.True(settings.ChangesLink);
    }

    [Theory]
    [InlineData("\"mac\": \"02:00:00:00:00:01\"", "", "01")]
    [InlineData("\"mac\": \"02:00:00:00:00:01\"", "MAC=02:00:00:00:00:02", "02")]
    [InlineData("\"mac\": \"02:00:00:00:00:01\", \"runtimeConfig\": {\"mac\": \"02:00:00:00:00:03\"}", "MAC=02:00:00:00:00:02", "03")]
    [InlineData(
        "\"mac\": \"02:00:00:00:00:01\", \"runtimeConfig\": {\"mac\": \"02:00:00:00:00:03\"}, \"args\": {\"cni\": {\"mac\": "
        + "\"02:00:00:00:00:04\"}}",
        "MAC=02:00:00:00:00:02",
        "04")]
    public void Strongest_source_of_the_mac_wins(string members, string args, string last) =>
        Assert.Equal(TestCall.Mac($"02:00:00:00:00:{last}"), Read(members, args).Link.Mac);

    [Fact]
    public void Args_overrule_the_configuration()
    {
        TuningSettings settings = Read("""
            "sysctl": {"net.core.somaxconn": "1", "net.ipv4.ip_forward": "1"}, "mtu": 1400, "allmulti": true, "txQLen": 7,
            "args": {"cni": {"sysctl": {"net/core/somaxconn": "2"}, "promisc": true, "mtu": 1300, "allmulti": false, "txQLen": 0}}
            """);
        Assert.Equal(["net/ipv4/ip_forward=1", "net/core/somaxconn=2"], settings.Sysctls.Select(sysctl => $"{sysctl.Path}={sysctl.Value}"));
        Assert.Equal(
            (true, 1300, false, 0),
            (
                settings.Link.Promiscuous!.Value,
                settings.Link.Mtu!.Value,
                settings.Link.AllMulticast!.Value,
                settings.Link.TxQueueLength!.Value));
    }

    [Theory]
    [InlineData("\"sysctl\": {\"net.core.somaxconn\": \"1\", \"net.core.somaxconn\": \"1\"}", 7, "sysctl", "duplicated")]
    [InlineData(
        "\"sysctl\": {\"net.ipv4.conf.IFNAME.arp_filter\": \"1\", \"net/ipv4/conf/eth0/arp_filter\": \"0\"}",
        7,
        "net/ipv4/conf/eth0/arp_filter",
        "duplicated")]
    [InlineData(
        "\"args\": {\"cni\": {\"sysctl\": {\"net.core.a\": \"1\", \"net/core.a\": \"1\", \"net/core/a\": \"1\"}}}",
        7,
        "args.cni.sysctl",
        "duplicated")]
    [InlineData("\"sysctl\": {\"kernel.hostname\": \"x\"}", 7, "kernel.hostname", "net")]
    [InlineData("\"sysctl\": {\"net.core.somaxconn\": 1}", 6, "net.core.somaxconn", "1")]
    [InlineData("\"sysctl\": []", 6, "sysctl", "object")]
    [InlineData("\"mac\": \"02:00:00:00:00\"", 7, "mac", "02:00:00:00:00")]
    [InlineData("\"mac\": \"01:00:00:00:00:01\"", 7, "mac", "unicast")]
    [InlineData("\"mac\": \"x\", \"runtimeConfig\": {\"mac\": \"02:00:00:00:00:03\"}", 7, "mac", "x")]
    [InlineData("\"mtu\": 67", 7, "mtu", "67")]
    [InlineData("\"mtu\": 65536", 7, "mtu", "65536")]
    [InlineData("\"mtu\": 1500.5", 6, "mtu", "1500.5")]
    [InlineData("\"txQLen\": -1", 7, "txQLen", "-1")]
    [InlineData("\"promisc\": \"true\"", 6, "promisc", "true")]
    [InlineData("\"dataDir\": \"relative\"", 7, "dataDir", "relative")]
    public void What_cannot_be_used_is_refused(string members, uint code, string word, string other) =>
        TestCall.AssertFails((CniErrorCode)code, [word, other], () => Read(members));

    [Fact]
    public void Bad_mac_in_CNI_ARGS_is_refused() =>
        TestCall.AssertFails(CniErrorCode.InvalidEnvironment, ["CNI_ARGS", "MAC", "x"], () => Read("", "MAC=x"));

    [Theory]
    [InlineData("", new[] { "/run/cni/tuning" })]
    [InlineData("\"dataDir\": \"relative\"", new[] { "/run/cni/tuning" })]
    [InlineData("\"dataDir\": [\"/a\"], \"sysctl\": 1", new[] { "/run/cni/tuning" })]
    [InlineData("\"dataDir\": \"/a\", \"mtu\": \"odd\"", new[] { "/a", "/run/cni/tuning" })]
    public void DEL_looks_into_the_default_directory_too(string members, string[] expected) =>
        Assert.Equal(expected, TestCall.Add(members, TuningConfig.ReadDataDirs));
}
