using Cni;
using Plugins.Chained.Tuning;
using TestKit;

namespace Plugins.Tests.Chained.Tuning;

public sealed class SysctlAllowlistTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    private SysctlAllowlist Read(string text)
    {
        File.WriteAllText(_path, text);
        return SysctlAllowlist.TryRead(_path)!;
    }

    private static SysctlSetting Setting(string key) => SysctlSetting.Parse(key, "1", "eth0");

    [Fact]
    public void Absent_file_is_no_list() => Assert.Null(SysctlAllowlist.TryRead(_path + ".absent"));

    [Theory]
    [InlineData("somaxconn", "net.core.somaxconn")]
    [InlineData("^net\\.core\\.", "net.core.somaxconn")]
    [InlineData("\n  \n^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]*$\r\n", "net.ipv4.conf.IFNAME.arp_filter")]
    [InlineData("a|b\ncore.(x|somaxconn)", "net/core/somaxconn")]
    public void Key_that_a_line_matches_is_allowed(string text, string key) => Read(text).Require([Setting(key)]);

    [Theory]
    [InlineData("", "net.core.somaxconn")]
    [InlineData("^net\\.core\\.", "net.ipv4.ip_forward")]
    [InlineData("^core", "net.core.somaxconn")]
    [InlineData("^net\\.core\\.somaxconn$", "net/core/somaxconn")]
    [InlineData("conf.eth0", "net.ipv4.conf.IFNAME.arp_filter")]
    [InlineData("SOMAXCONN", "net.core.somaxconn")]
    public void Key_that_no_line_matches_as_it_is_written_is_refused(string text, string key) => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig, [$"\"{key}\"", _path], () => Read(text).Require([Setting(key)]));

    [Fact]
    public void One_that_is_not_allowed_is_enough() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig,
        ["net.ipv4.ip_forward"],
        () => Read("core").Require([Setting("net.core.somaxconn"), Setting("net.ipv4.ip_forward")]));

    [Fact]
    public void Line_that_is_no_expression_is_told() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig, [_path, "line 3", "net.(core"], () => Read("net\n\nnet.(core\n"));

    // RE2, for which the files were written, takes linear time, too.
    [Fact]
    public void Expression_that_backtracks_takes_no_time() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig,
        ["not allowed"],
        () => Read("^(([a-z])+.)+[A-Z]([a-z])+$").Require([Setting("net.core." + new string('a', 60))]));
}
