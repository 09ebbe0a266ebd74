using System.Diagnostics;
using Cni;
using Plugins.Ipam.HostLocal;
using TestKit;

namespace Plugins.Tests.Ipam.HostLocal;

public sealed class ResolvConfTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("resolv-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("nameserver 192.0.2.0\nnameserver 192.0.2.1\n", "192.0.2.0 192.0.2.1 | | |")]
    [InlineData("#nameserver 192.0.2.0\nnameserver 192.0.2.1\n;nameserver 192.0.2.2", "192.0.2.1 | | |")]
    [InlineData(
        "nameserver 192.0.2.0\ndomain example.com\nsearch a b\noptions one two\noptions three\n",
        "192.0.2.0 | example.com | a b | one two three")]
    [InlineData("search a\nsearch b c\n", "| | a b c |")]
    [InlineData("domain a\ndomain b\n", "| b | |")]
    [InlineData("\t nameserver \t 192.0.2.0 \t\r\n\n   \noptions\tndots:5\n", "192.0.2.0 | | | ndots:5")]
    [InlineData("nameserver\ndomain\nsearch\noptions\n", "| | |")]
    [InlineData("nameserver 192.0.2.0 192.0.2.1\nsortlist 192.0.2.0\nnameservers 192.0.2.9\n", "192.0.2.0 | | |")]
    [InlineData("nameserver 192.0.2.0 # the first\n", "192.0.2.0 | | |")]
    [InlineData("nameserver fe80::1%eth0\n", "fe80::1%eth0 | | |")]
    [InlineData("", "| | |")]
    [InlineData("\n\n", "| | |")]
    public void Parse_takes_what_a_resolver_would(string text, string expected)
    {
        CniDns dns = ResolvConf.Parse(text);
        string[] parts = [string.Join(' ', dns.Nameservers), dns.Domain ?? "", string.Join(' ', dns.Search), string.Join(' ', dns.Options)];
        Assert.Equal(expected.Split('|').Select(part => part.Trim()), parts);
    }

    [Fact]
    public void Read_takes_a_file()
    {
        string path = Path.Combine(_directory, "resolv.conf");
        File.WriteAllText(path, "nameserver 192.0.2.1");
        Assert.Equal(["192.0.2.1"], ResolvConf.Read(path).Nameservers);
    }

    [Theory]
    [InlineData("/dev/zero", "no regular file")]
    [InlineData("/tmp", "EISDIR")]
    [InlineData("/nonexistent/resolv.conf", "ENOENT")]
    public void What_is_no_file_is_refused_without_being_opened(string path, string problem) => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig, [$"ipam.resolvConf is \"{path}\"", problem], () => ResolvConf.Read(path));

    [Fact]
    public void File_without_end_is_refused()
    {
        string path = Path.Combine(_directory, "resolv.conf");
        using (FileStream file = File.Create(path))
            file.SetLength(1L << 40);
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [path, "longer than 1048576 bytes"], () => ResolvConf.Read(path));
    }

    [Fact]
    public void Fifo_is_not_waited_for()
    {
        string path = Path.Combine(_directory, "fifo");
        using (Process mkfifo = Process.Start("mkfifo", path))
            mkfifo.WaitForExit();
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [path, "no regular file"], () => ResolvConf.Read(path));
    }

    [Fact]
    public void File_that_cannot_be_read_is_named()
    {
        TestCall.AssertFails(
            CniErrorCode.InvalidNetworkConfig, ["ipam.resolvConf", $"{_directory}/absent"], () => ResolvConf.Read($"{_directory}/absent"));
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["ipam.resolvConf", _directory], () => ResolvConf.Read(_directory));
    }
}
