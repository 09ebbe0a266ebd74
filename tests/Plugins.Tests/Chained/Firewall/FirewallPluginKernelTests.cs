using Cni;
using Netlink.Nftables;
using Plugins.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

/// <summary>Odd results of the plugins before, and ADDs that fail.</summary>
public sealed class FirewallPluginKernelTests : FirewallKernelTest
{
    private const string Isolated = "\"ingressPolicy\": \"isolated\"";

    [Fact]
    public void Policy_without_a_bridge_in_the_result_is_refused_before_anything_is_done()
    {
        FirewallPod pod = NewPod(1, 5);
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["ingressPolicy", "bridge"], () => Call(
            "ADD",
            pod,
            $"{Isolated}, \"prevResult\": {{\"interfaces\": [{{\"name\": \"eth0\", \"sandbox\": \"/run/netns/x\"}}]}}",
            withResult: false));
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["isolated", "no interface", "cni1"], () => Call(
            "ADD",
            pod,
            $"{Isolated}, \"prevResult\": {{\"interfaces\": [{{\"name\": \"cni1\"}}, {{\"name\": \"out0\"}}]}}",
            withResult: false));
        Assert.Empty(NftProgram.List(Node));
    }

    [Fact]
    public void Network_without_addresses_is_isolated_too()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call(
            "ADD",
            pod,
            $"{Isolated}, \"prevResult\": {{\"interfaces\": [{{\"name\": \"cni1\"}}, {{\"name\": \"{pod.Tag.HostInterfaceName}\"}}]}}",
            withResult: false);
        string listing = NftProgram.List(Node);
        Assert.Contains($"\"{pod.Tag.HostInterfaceName}\" comment", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("FORWARD", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Behind_ptp_the_own_end_on_the_host_counts_as_the_bridge_and_goes_with_DEL(bool withResult)
    {
        FirewallPod pod = NewPod(1, 5);
        string result = $$"""
            "prevResult": { "interfaces": [{ "name": "{{pod.Tag.HostInterfaceName}}" }, { "name": "eth0", "sandbox": "/run/netns/x" }],
            "ips": [{ "address": "10.1.0.5/32" }] }
            """;
        _ = Call("ADD", pod, $"{Isolated}, {result}", withResult: false);
        _ = Call("ADD", NewPod(1, 6), Isolated);
        Assert.Contains(
            pod.Tag.HostInterfaceName, NodeProgram.Run(Node, "nft list set inet cniplugin bridges_isolated"), StringComparison.Ordinal);
        _ = Call("DEL", pod, withResult ? result : "", withResult: false);
        string listing = NftProgram.List(Node);
        Assert.DoesNotContain(pod.Tag.HostInterfaceName, listing, StringComparison.Ordinal);
        Assert.Contains("\"cni1\" . \"cni1\"", listing, StringComparison.Ordinal);
    }

    [Fact]
    public void DEL_copes_with_names_that_no_interface_can_have()
    {
        FirewallPod pod = NewPod(1, 5);
        string result =
            "\"prevResult\": { \"interfaces\": [{ \"name\": \"much-too-long-for-an-interface\" }], \"ips\": [{ \"address\": "
            + "\"10.1.0.5/16\" }] }";
        _ = Call("ADD", pod);
        _ = Call("DEL", pod, result, withResult: false);
        Assert.Null(OwnerOf(pod.Address4));
        TestCall.AssertFails(
            CniErrorCode.InvalidNetworkConfig,
            ["interfaces[0].name", "15 bytes"],
            () => Call("ADD", pod, $"{Isolated}, {result}", withResult: false));
    }

    [Fact]
    public void Without_addresses_and_policy_nothing_is_done()
    {
        FirewallPod pod = NewPod(1, 5);
        foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
            _ = Call(verb, pod, "\"prevResult\": {\"interfaces\": [{\"name\": \"cni1\"}]}", withResult: false);
        Assert.Empty(NftProgram.List(Node));
    }

    [Fact]
    public void Failed_later_step_takes_the_elements_away()
    {
        FirewallPod pod = NewPod(1, 5);
        FirewallSettings settings = TestCall.Add("", FirewallSettings.Read);
        FirewallSubject subject = new([System.Net.IPAddress.Parse(pod.Address4)], [], []);
        _ = Assert.Throws<InvalidOperationException>(() => InAdd(undo =>
        {
            using NftClient nft = NftClient.Open();
            new PodFirewall(nft, pod.Tag).Add(settings, subject, undo);
            Assert.NotNull(OwnerOf(pod.Address4));
            throw new InvalidOperationException();
        }));
        Assert.Null(OwnerOf(pod.Address4));
    }
}
