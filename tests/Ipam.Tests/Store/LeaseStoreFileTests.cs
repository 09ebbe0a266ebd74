using System.Diagnostics;
using Ipam.Store;
using Linux.Files;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Where a store lies: its directories and files, their modes and lock, and what stands in their way.</summary>
public class LeaseStoreFileTests
{
    [Fact]
    [Trait("Conformance", "C70")]
    public void Networks_in_one_directory_do_not_meet()
    {
        using TestNetwork network = new();
        LeaseStore other = new(network.Options with { Network = "other" });
        _ = network.Add("a", "10.0.0.0/24");
        Assert.Equal("10.0.0.2/24", other.Allocate(Key("a"), "", Sets("10.0.0.0/24"), [])[0].Address.ToString());
        _ = network.Store.Collect(new HashSet<LeaseKey>());
        Assert.NotNull(other.Find(Key("a")));
    }

    [Fact]
    [Trait("Pitfall", "P1")]
    public void Store_of_another_boot_is_deleted_unread()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24");
        LeaseStore next = new(network.Options with { BootId = "next" });
        Assert.Equal("10.0.0.2/24", next.Allocate(Key("a"), "", Sets("10.0.0.0/24"), [])[0].Address.ToString());
        Assert.Equal(
            ["leases-next-log.db", "leases-next.db", "leases-next.filter", "leases-next.journal", "leases-next.machine", "lock"],
            Directory.GetFiles(network.StoreDirectory).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Store_is_for_its_owner_only()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24");
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(network.StoreDirectory));
        Assert.All(
            Directory.GetFiles(network.StoreDirectory),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("077")]
    public void Directories_have_their_modes_whatever_the_umask_is(string umask)
    {
        using TestNetwork network = new();
        string[] directories = [network.DataDir, network.StoreDirectory, network.WitnessDirectory];
        using (Process worker = Worker.Start(network, "a", 40, releases: true, "sh", "-c", $"umask {umask}; exec \"$0\""))
        {
            _ = worker.StandardOutput.ReadToEnd();
            worker.WaitForExit();
        }
        UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        UnixFileMode all =
            ownerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal([all, ownerOnly, ownerOnly], directories.Select(File.GetUnixFileMode));
        Assert.All(
            directories.SelectMany(Directory.GetFiles),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Busy_lock_is_waited_for_with_a_bound()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24");
        using FileLock held = FileLock.Acquire(Path.Combine(network.StoreDirectory, "lock"), TimeSpan.FromSeconds(1));
        LeaseStore store = new(network.Options with { LockTimeout = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(IpamErrorKind.StoreBusy, Assert.Throws<IpamException>(() => store.Find(Key("a"))).Kind);
    }

    [Fact]
    public void Store_that_cannot_be_made_is_broken_by_name()
    {
        using TestNetwork network = new();
        _ = Directory.CreateDirectory(network.StoreDirectory);
        _ = Directory.CreateDirectory(network.DataFile);
        IpamException error = Assert.Throws<IpamException>(() => network.Add("a", "10.0.0.0/24"));
        Assert.Equal(IpamErrorKind.StoreBroken, error.Kind);
        Assert.Contains(network.StoreDirectory, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void Network_name_must_name_a_directory(string name)
    {
        using TestNetwork network = new();
        Assert.Equal(
            IpamErrorKind.InvalidRequest, Assert.Throws<IpamException>(() => new LeaseStore(network.Options with { Network = name })).Kind);
    }
}
