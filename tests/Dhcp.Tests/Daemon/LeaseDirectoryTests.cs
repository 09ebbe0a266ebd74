using System.Net;
using Dhcp.Client;
using Dhcp.Daemon;
using Dhcp.Messages;
using Dhcp.Tests.Client;
using Linux.Addresses;
using TestKit;

namespace Dhcp.Tests.Daemon;

public sealed class LeaseDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dhcp-");
    private readonly List<string> _log = [];

    private LeaseDirectory Leases => new(_directory.FullName);

    public void Dispose() => _directory.Delete(recursive: true);

    private static StoredLease Lease(string containerId = "c1")
    {
        DhcpMessage ack = new()
        {
            TransactionId = 7,
            HardwareAddress = FakeLinks.Mac,
            YourAddress = IPAddress.Parse("10.0.0.5"),
            Options = new() { [53] = [5], [54] = [10, 0, 0, 1], [1] = [255, 255, 255, 0], [51] = [0, 0, 1, 0] },
        };
        Dhcp6Message reply = new(Dhcp6MessageType.Reply, 9, new Dhcp6Options()
            .Add(Dhcp6Option.ServerId, [0, 4, 1])
            .Add(
                Dhcp6Option.IdentityAssociation,
                [
                    0,
                    0,
                    0,
                    1,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    5,
                    0,
                    24,
                    .. IPAddress.Parse("fd00::5").GetAddressBytes(),
                    0,
                    0,
                    1,
                    0,
                    0,
                    0,
                    2,
                    0,
                ]));
        return new StoredLease
        {
            Boot = "boot",
            Request = ClientTest.Request with
            {
                ContainerId = containerId,
                Priority = 5,
                Options = new Dictionary<byte, byte[]> { [61] = [1, 2], [12] = [] },
            },
            IPv4 = Lease4.TryRead(ack, FakeLinks.ServerStation, TimeSpan.FromSeconds(100), out _),
            IPv6 = Lease6.TryRead(reply, 1, TimeSpan.FromSeconds(101)),
            HardwareAddress = FakeLinks.Mac,
        };
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Assert.Empty(Leases.ReadAll(_log.Add));
        Leases.Save(Lease());
        Leases.Save(Lease("c2"));
        Leases.Save(Lease());
        List<StoredLease> read = Leases.ReadAll(_log.Add);
        Assert.Equal(["c1", "c2"], read.Select(static lease => lease.Request.ContainerId).Order(StringComparer.Ordinal));
        StoredLease lease = read[0];
        Assert.Equal(
            ("10.0.0.5/24", FakeLinks.Mac, FakeLinks.ServerStation),
            (lease.IPv4!.Address.ToString(), lease.IPv4.HardwareAddress, lease.IPv4.ServerStation));
        Assert.Equal(Lease().IPv4!.Times, lease.IPv4.Times);
        Assert.Equal(("fd00::5/128", (MacAddress?)FakeLinks.Mac), (lease.IPv6!.Address.ToString(), lease.HardwareAddress));
        Assert.Equal(Lease().IPv6!.Times, lease.IPv6.Times);
        Assert.Equal([1, 2], lease.Request.Options[61]);
        Assert.Equal([1, 121, 3], lease.Request.RequestedOptions);
        Assert.Empty(_log);
    }

    [Fact]
    public void A_deleted_lease_is_gone_and_may_be_deleted_again()
    {
        _ = Leases.ReadAll(_log.Add);
        Leases.Save(Lease());
        Leases.Delete(Lease().Request.Key);
        Leases.Delete(Lease().Request.Key);
        Assert.Empty(Leases.ReadAll(_log.Add));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0b111_111)]
    [InlineData(0b111_111_111)]
    public void Files_are_the_owners_alone_whatever_the_umask(int umask)
    {
        LeaseDirectory leases = new($"{_directory.FullName}/cni/dhcp");
        Umask.Run(umask, () =>
        {
            _ = leases.ReadAll(_log.Add);
            leases.Save(Lease());
        });
        Assert.Equal(["755", "700"], new[] { "cni", "cni/dhcp" }.Select(name => Umask.ModeOf($"{_directory.FullName}/{name}")));
        Assert.Equal("600", Umask.ModeOf(Assert.Single(Directory.GetFiles($"{_directory.FullName}/cni/dhcp"))));
    }

    [Fact]
    public void What_is_no_file_of_ours_is_set_aside_and_told()
    {
        File.WriteAllText($"{_directory.FullName}/elsewhere", "{}");
        _ = File.CreateSymbolicLink($"{_directory.FullName}/link.json", "elsewhere");
        using (System.Diagnostics.Process mkfifo = System.Diagnostics.Process.Start("mkfifo", $"{_directory.FullName}/fifo.json"))
            mkfifo.WaitForExit();
        Assert.Empty(Leases.ReadAll(_log.Add));
        Assert.Equal(2, _log.Count);
        Assert.Empty(Leases.ReadAll(_log.Add));
        Assert.Equal(2, _log.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"boot\": 33 x")]
    [InlineData("""{"request": {}, "ipv4": {"since": 9223372036854775807}}""")]
    [InlineData("""{"request": {}, "ipv4": {"since": -1}}""")]
    [InlineData("""{"request": {"options": [{"option": 61, "value": "xyz"}]}}""")]
    public void What_cannot_be_read_is_set_aside_and_told(string content)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "torn.json"), content);
        Leases.Save(Lease());
        _ = Assert.Single(Leases.ReadAll(_log.Add));
        Assert.Contains("torn.json", Assert.Single(_log), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_directory.FullName, "torn.json.damaged")));
    }
}
