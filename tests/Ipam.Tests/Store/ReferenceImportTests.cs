using Ipam.Store;
using Linux.Addresses;
using Linux.Files;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>The state of the Go plugin is taken over when a store is made.</summary>
public class ReferenceImportTests
{
    [Fact]
    public void Leases_and_places_are_taken_over()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a\r\neth0");
        network.WriteReference("2001:db8::2", "a\r\neth0");
        network.WriteReference("10.0.0.3", "b\r\neth0");
        network.WriteReference("last_reserved_ip.0", "10.0.0.7");
        network.WriteReference("last_reserved_ip.1", "2001:db8::9");
        network.WriteReference("lock", "");
        Assert.Equal("10.0.0.8/24 2001:db8::a/64", network.Add("c", "10.0.0.0/24 2001:db8::/64"));
        Lease lease = network.Store.Find(Key("a"))!;
        Assert.True(lease.Imported);
        Assert.Equal(["10.0.0.2", "2001:db8::2"], lease.Addresses.Select(leased => IpText.Format(leased.Address)).Order());
        Assert.Equal(IpamErrorKind.DuplicateAllocation, Assert.Throws<IpamException>(() => network.Add("b", "10.0.0.0/24")).Kind);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void State_in_the_configured_directory_is_taken_over_under_the_one_lock()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a\r\neth0", network.StoreDirectory);
        network.WriteReference("lock", "", network.StoreDirectory);
        LeaseStore store = new(network.Options with { ReferenceDataDir = network.DataDir });
        Assert.Equal("10.0.0.3/24", store.Allocate(Key("b"), "", Sets("10.0.0.0/24"), [])[0].Address.ToString());
        _ = store.Release(Key("a"));
        Assert.False(File.Exists(Path.Combine(network.StoreDirectory, "10.0.0.2")));
    }

    [Fact]
    [Trait("Pitfall", "P3")]
    public void Files_without_an_owner_hold_nothing()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "");
        network.WriteReference("10.0.0.3", "\0\0\0\0");
        network.WriteReference("10.0.0.4", " \r\n ");
        network.WriteReference("10.0.0.5", "a\r\neth0\r\nmore");
        network.WriteReference("10.0.0.6", "\u00ff\u00fe/..");
        network.WriteReference("10.0.0.007", "b\r\neth0");
        network.WriteReference("notes.txt", "c\r\neth0");
        Assert.Equal("10.0.0.2/24", network.Add("x", "10.0.0.0/24"));
        Assert.Single(network.Store.List());
    }

    [Fact]
    [Trait("Pitfall", "P1")]
    public void Files_older_than_the_boot_or_of_the_dead_hold_nothing()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "old\r\neth0");
        File.SetLastWriteTimeUtc(Path.Combine(network.ReferenceDirectory, "10.0.0.2"), network.BootTime.UtcDateTime.AddSeconds(-1));
        network.WriteReference("10.0.0.3", "dead\r\neth0");
        network.Evidence.Known[Key("dead")] = Liveness.Dead;
        network.WriteReference("10.0.0.4", "live\r\neth0");
        Assert.Equal("10.0.0.5/24", network.Add("x", "10.0.0.0/24"));
        Assert.Equal(["live", "x"], network.Store.List().Select(lease => lease.Key.ContainerId).Order());
    }

    [Fact]
    public void Record_of_a_container_alone_stands_for_any_interface()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a");
        network.WriteReference("10.0.0.3", "b");
        Assert.Equal(IpamErrorKind.DuplicateAllocation, Assert.Throws<IpamException>(() => network.Add("a", "10.0.0.0/24")).Kind);
        Assert.Equal("", network.Store.Find(Key("a", "eth7"))!.Key.IfName);
        Assert.Empty(network.Store.Collect(new HashSet<LeaseKey> { Key("a"), Key("b") }));
        Assert.Equal("10.0.0.2", network.Store.Release(Key("a", "eth7"))[0].Address.ToString());
        Assert.Equal(Key("b", ""), Assert.Single(network.Store.Collect(new HashSet<LeaseKey>())).Key);
        Assert.Empty(Directory.GetFiles(network.ReferenceDirectory, "10.*"));
    }

    [Fact]
    public void Files_go_with_their_leases_and_only_theirs()
    {
        using TestNetwork network = new();
        foreach (string id in (string[])["a", "b", "c", "d"])
            network.WriteReference($"10.0.0.{id[0] - 'a' + 2}", id + "\r\neth0");
        Assert.Equal("10.0.0.2", network.Del("a"));
        network.WriteReference("10.0.0.3", "somebody-else\r\neth0");
        Assert.Equal("10.0.0.3", network.Del("b"));
        network.Evidence.Known[Key("c")] = Liveness.Dead;
        _ = network.Add("c", "10.0.0.0/24");
        Assert.Equal(["10.0.0.3", "10.0.0.5"], Directory.GetFiles(network.ReferenceDirectory, "10.*").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Import_happens_once()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24");
        network.WriteReference("10.0.0.9", "late\r\neth0");
        Assert.Null(network.Store.Find(Key("late")));
        Assert.Equal(1, network.Evidence.Searches);
    }

    [Fact]
    public void Import_waits_for_the_other_plugins_lock()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a\r\neth0");
        LeaseStore store = new(network.Options with { LockTimeout = TimeSpan.FromMilliseconds(20) });
        using FileLock held = FileLock.Acquire(Path.Combine(network.ReferenceDirectory, "lock"), TimeSpan.FromSeconds(1));
        IpamException error = Assert.Throws<IpamException>(() => store.Find(Key("a")));
        Assert.Equal(IpamErrorKind.StoreBusy, error.Kind);
        Assert.Contains(network.ReferenceDirectory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Same_attachment_in_files_and_in_the_kernel_is_one_lease()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a\r\neth0");
        network.Evidence.InKernel.Add(Found("a", "10.0.0.2", "2001:db8::2") with { NetNS = "/run/netns/a" });
        network.Evidence.InKernel.Add(Found("b", "10.0.0.2"));
        Lease lease = network.Store.Find(Key("a"))!;
        Assert.Equal("/run/netns/a", lease.NetNS);
        Assert.Equal(2, lease.Addresses.Count);
        Assert.Null(network.Store.Find(Key("b")));
        Assert.Empty(network.Store.Verify());
    }
}
