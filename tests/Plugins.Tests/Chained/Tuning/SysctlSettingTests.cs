using Cni;
using Plugins.Chained.Tuning;
using TestKit;

namespace Plugins.Tests.Chained.Tuning;

public sealed class SysctlSettingTests
{
    [Theory]
    [InlineData("net.core.somaxconn", "net/core/somaxconn")]
    [InlineData("net/core/somaxconn", "net/core/somaxconn")]
    [InlineData("/net//core/somaxconn/", "net/core/somaxconn")]
    [InlineData("net.ipv4/conf.all/arp_filter", "net/ipv4/conf/all/arp_filter")]
    [InlineData("net.ipv4.conf.IFNAME.arp_filter", "net/ipv4/conf/eth0.100/arp_filter")]
    [InlineData("net/ipv4/conf/IFNAME/arp_filter", "net/ipv4/conf/eth0.100/arp_filter")]
    [InlineData("net/ipv4/conf/eth1.7/arp_filter", "net/ipv4/conf/eth1.7/arp_filter")]
    public void Key_leads_to_its_file(string key, string path) =>
        Assert.Equal(new SysctlSetting(key, path, "1"), SysctlSetting.Parse(key, "1", "eth0.100"));

    [Theory]
    [InlineData("")]
    [InlineData("net")]
    [InlineData("net.")]
    [InlineData("kernel.hostname")]
    [InlineData("network.core.x")]
    [InlineData("NET.core.somaxconn")]
    [InlineData("/proc/sys/net/core/somaxconn")]
    [InlineData("net/../kernel/hostname")]
    [InlineData("net/./core/somaxconn")]
    [InlineData("IFNAME")]
    public void Key_that_is_not_below_net_is_refused(string key) => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig, ["sysctl", $"\"{key}\""], () => SysctlSetting.Parse(key, "1", "eth0"));

    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("1", "01", true)]
    [InlineData("4096 87380 6291456", "4096\t87380\t6291456", true)]
    [InlineData(" 1\n", "1", true)]
    [InlineData("cubic", "cubic", true)]
    [InlineData("cubic", "reno", false)]
    [InlineData("1 2", "1", false)]
    [InlineData("", "0", false)]
    [InlineData("-1", "1", false)]
    public void Values_are_compared_as_the_kernel_writes_them(string one, string other, bool same) =>
        Assert.Equal(same, SysctlSetting.IsSameValue(one, other));

    [Fact]
    public void Key_with_a_NUL_is_refused() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig, ["net.core.a\\u0000b", "NUL"], () => SysctlSetting.Parse("net.core.a\0b", "1", "eth0"));
}
