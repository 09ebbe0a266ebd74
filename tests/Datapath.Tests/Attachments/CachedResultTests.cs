using Datapath.Attachments;
using TestKit;

namespace Datapath.Tests.Attachments;

public sealed class CachedResultTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("results-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private CachedResult? Read(string text)
    {
        string path = Path.Combine(_directory, "pods-c1-eth0");
        File.WriteAllText(path, text);
        return CachedResult.TryRead(path);
    }

    [Theory]
    [InlineData("1.0.0", """{"address": "10.1.0.5/16", "gateway": "10.1.0.1"}, {"address": "fd00::5/64"}""")]
    [InlineData("0.4.0", """{"version": "4", "address": "10.1.0.5/16"}, {"version": "6", "address": "fd00::5/64"}""")]
    public void Entry_of_libcni_is_read(string version, string ips)
    {
        CachedResult cached = Read($$"""
            {"kind": "cniCacheV1", "containerId": "c1", "config": "eyJuYW1lIjoicG9kcyJ9", "ifName": "eth0", "networkName": "pods",
             "netns": "/run/netns/p", "cniArgs": [["K", "V"]], "capabilityArgs": {"ips": ["x"]},
             "result": {"cniVersion": "{{version}}", "interfaces": [{"name": "eth0"}], "ips": [{{ips}}], "dns": {} } }
            """)!;
        Assert.Equal(("pods", "c1", "eth0", "/run/netns/p"), (cached.Network, cached.ContainerId, cached.IfName, cached.NetNS));
        Assert.Equal([TestCall.Prefix("10.1.0.5/16"), TestCall.Prefix("fd00::5/64")], cached.Addresses);
    }

    [Fact]
    public void Entry_without_namespace_has_none()
    {
        CachedResult cached = Read("""{"kind": "cniCacheV1", "networkName": "pods", "result": {"cniVersion": "1.0.0"}}""")!;
        Assert.Equal("", cached.NetNS);
        Assert.Empty(cached.Addresses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0")]
    [InlineData("""{"networkName": 5}""")]
    [InlineData("""{"networkName": "pods", "result": "none"}""")]
    [InlineData("""{"networkName": "pods", "result": {"cniVersion": "9.0.0"}}""")]
    [InlineData("""{"networkName": "pods", "result": {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5"}]}}""")]
    public void What_makes_no_sense_is_no_entry(string text) => Assert.Null(Read(text));

    [Fact]
    public void Absent_file_is_no_entry() => Assert.Null(CachedResult.TryRead($"{_directory}/absent"));

    [Fact]
    public void Link_is_no_entry()
    {
        Assert.NotNull(Read("{}"));
        _ = File.CreateSymbolicLink($"{_directory}/link", "pods-c1-eth0");
        Assert.Null(CachedResult.TryRead($"{_directory}/link"));
    }

    [Fact]
    public void Directory_is_no_entry() => Assert.Null(CachedResult.TryRead(_directory));
}
