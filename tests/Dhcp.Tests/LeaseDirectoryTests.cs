using System.Net;
using Linux;

namespace Dhcp.Tests;

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
            .Add(Dhcp6Option.IdentityAssociation, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 24, .. IPAddress.Parse("fd00::5").GetAddressBytes(), 0, 0, 1, 0, 0, 0, 2, 0]));
        return new StoredLease
        {
            Boot = "boot",
            Request = ClientTest.Request with { ContainerId = containerId, Priority = 5, Options = new Dictionary<byte, byte[]> { [61] = [1, 2], [12] = [] } },
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
        Assert.Equal(("10.0.0.5/24", FakeLinks.Mac, FakeLinks.ServerStation), (lease.IPv4!.Address.ToString(), lease.IPv4.HardwareAddress, lease.IPv4.ServerStation));
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

    [Fact]
    public void Files_are_the_owners_alone()
    {
        _directory.Delete();
        _ = Leases.ReadAll(_log.Add);
        Leases.Save(Lease());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.FullName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(_directory.GetFiles()).FullName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
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
