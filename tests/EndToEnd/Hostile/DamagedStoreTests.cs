using EndToEnd.Sandbox;
using Linux.Kernel;

namespace EndToEnd.Hostile;

/// <summary>
/// Lease stores that were damaged or lost while pods run: addresses stay theirs, new pods get others, and all of them can be deleted.
/// </summary>
public sealed class DamagedStoreTests : IDisposable
{
    private const int Live = 3;
    private const int Capacity = 6;
    private const int PageSize = 8192;

    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    public static TheoryData<string> Damages =>
    [
        "empty",
        "truncated to 1",
        "truncated to 8191",
        "truncated to 8192",
        "truncated to 8193",
        "truncated to 20000",
        "truncated by 1",
        "truncated by 8192",
        "garbage", "garbage in page 0", "garbage in page 1", "garbage in page 2", "garbage in page 5", "garbage in the last page",
        "zeroes in page 1", "garbage in the log", "a byte in the log", "garbage in the journal", "journal removed", "removed",
        "network removed",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void No_address_is_given_twice_or_lost(string damage)
    {
        string config = _network.Config(from: 10, to: 10 + Capacity - 1, ipam: """, "statusOnExhaustion": true""");
        Pod[] old = [.. Enumerable.Range(0, Live).Select(number => _network.Attach($"old{number}", config))];
        string[] oldAddresses = [.. old.Select(pod => pod.Address())];

        Damage(damage);

        string[] others = [.. Enumerable.Range(0, Capacity - Live).Select(number => _network.Attach($"new{number}", config).Address())];
        Assert.Equal(Capacity, oldAddresses.Concat(others).Distinct().Count());
        Pod late = Pod.Create(_network.Sandbox, "late");
        _ = _network.Plugin.Add("bridge", config, late).ExpectError(code: 102);
        _ = _network.Plugin.Run("bridge", "STATUS", config).ExpectError(code: 50);
        foreach (Pod pod in old)
        {
            pod.AssertReaches(HostileNetwork.Gateway);
            _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
            NodeState.Of(_network.Sandbox).AssertNoTraceOf($" {pod.ContainerId} ");
        }

        Assert.Equal(Capacity - Live, _network.Leases.Held().Count);
        _ = _network.Plugin.Run("bridge", "STATUS", config).ExpectSuccess();
        Assert.Contains(HostileNetwork.AddressOf(_network.Plugin.Add("bridge", config, late).ExpectSuccess()), oldAddresses);
    }

    [Fact]
    public void A_damaged_store_is_kept_for_inspection()
    {
        string config = _network.Config();
        _ = _network.Attach("old", config);
        Damage("garbage");
        byte[] damaged = File.ReadAllBytes(_network.Leases.Data);

        _ = _network.Attach("new", config);

        Assert.Contains(_network.Leases.SetAside, file => File.ReadAllBytes(file).SequenceEqual(damaged));
    }

    // A pod whose container ID fits into no alias is found all the same, and its DEL gives the address back.
    [Fact]
    public void Pods_with_long_names_survive_the_loss_of_the_store()
    {
        string network = new('n', 200);
        LeaseFiles leases = new(_network.DataDir, network);
        string config = _network.Config(from: 10, to: 12, name: network);
        Pod created = Pod.Create(_network.Sandbox, "pod");
        Pod pod = new(_network.Sandbox, new string('c', 250), created.Netns, "fifteen-byte-é");
        _ = _network.Plugin.Add("bridge", config, pod).ExpectSuccess();
        string address = pod.Address();

        Directory.Delete(leases.Directory, recursive: true);

        Pod other = _network.Attach("other", config);
        _ = _network.Plugin.Run("bridge", "GC", HostileNetwork.WithValid(config, pod, other)).ExpectSuccess();
        Assert.Equal(2, leases.Held().Count);
        pod.AssertReaches(other.Address());
        string[] later = [_network.Attach("third", config).Address(), other.Address()];
        Assert.DoesNotContain(address, later);
        _ = _network.Plugin.Add("bridge", config, Pod.Create(_network.Sandbox, "fourth")).ExpectError(code: 102);

        // Its name was lost with the store, so its address comes back when somebody needs it.
        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.Equal(address, _network.Attach("fifth", config).Address());
    }

    // Whoever made it: a garbage collection that does not know a pod's container must not free the address that the pod shows.
    [Fact]
    public void An_address_that_was_found_in_a_namespace_outlives_garbage_collections_but_not_the_namespace()
    {
        string config = _network.Config(from: 10, to: 11);
        Pod foreign = Pod.Create(_network.Sandbox, "foreign");
        _ = foreign.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "peer");
        _ = foreign.Run("ip", "address", "add", "10.35.0.10/24", "dev", "eth0");
        Pod first = _network.Attach("first", config);
        Assert.Equal("10.35.0.11", first.Address());

        _ = _network.Plugin.Run("bridge", "GC", HostileNetwork.WithValid(config, first)).ExpectSuccess();
        Pod second = Pod.Create(_network.Sandbox, "second");
        _ = _network.Plugin.Add("bridge", config, second).ExpectError(code: 102);

        foreign.Delete();
        Assert.Equal("10.35.0.10", HostileNetwork.AddressOf(_network.Plugin.Add("bridge", config, second).ExpectSuccess()));
    }

    [Theory]
    [InlineData("a file for dataDir")]
    [InlineData("a file for the network")]
    [InlineData("a directory for the store")]
    [InlineData("a read-only file system")]
    public void A_store_that_cannot_be_is_a_clear_error_and_code_50_for_status(string obstacle)
    {
        string config = _network.Config();
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        switch (obstacle)
        {
            case "a file for dataDir":
                File.WriteAllText(_network.DataDir, "");
                break;
            case "a file for the network":
                _ = Directory.CreateDirectory(_network.DataDir);
                File.WriteAllText(_network.Leases.Directory, "");
                break;
            case "a directory for the store":
                _ = Directory.CreateDirectory(_network.Leases.Data);
                break;
            default:
                _ = Directory.CreateDirectory(_network.DataDir);
                _ = _network.Sandbox.Run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", _network.DataDir);
                break;
        }

        // The lock of the bridge stays for those who come.
        _ = _network.Sandbox.Run("install", "-D", "/dev/null", "/run/cni/bridges/cni0.lock");
        NodeState before = NodeState.Of(_network.Sandbox);
        string failure = _network.Plugin.Add("bridge", config, pod).ExpectError(code: 5);
        string status = _network.Plugin.Run("bridge", "STATUS", config).ExpectError(code: 50);

        Assert.Contains(_network.DataDir, failure, StringComparison.Ordinal);
        Assert.Contains(_network.DataDir, status, StringComparison.Ordinal);
        if (obstacle == "a read-only file system")
            _ = _network.Sandbox.Run("umount", _network.DataDir);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void A_full_disk_fails_the_add_and_nothing_else()
    {
        string config = _network.Config();
        _ = Directory.CreateDirectory(_network.DataDir);
        _ = _network.Sandbox.Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", _network.DataDir);
        Pod old = _network.Attach("old", config);
        NodeState before = NodeState.Of(_network.Sandbox);
        string fill = $"{_network.DataDir}/fill";
        _ = _network.Sandbox.TryRun("dd", "if=/dev/zero", $"of={fill}", "bs=4k");
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        // Other ranges: the journal's page may still have room for the next address of these.
        string failure = _network.Plugin.Add("bridge", _network.Config(from: 100, to: 110), pod).ExpectError(code: 5);
        Assert.Contains(_network.DataDir, failure, StringComparison.Ordinal);
        pod.Delete();
        NodeState.Of(_network.Sandbox).AssertSameAs(before);

        _ = _network.Sandbox.Run("rm", fill);
        Pod next = _network.Attach("next", config);
        Assert.NotEqual(old.Address(), next.Address());
        old.AssertReaches(next.Address());
    }

    // Nothing outlives the boot: neither a store of ours nor files of the reference that were written before it.
    [Fact]
    public void State_of_an_earlier_boot_is_not_believed()
    {
        string config = _network.Config(from: 10, to: 12);
        _ = Directory.CreateDirectory(_network.Leases.Directory);
        string store = Path.Combine(_network.Leases.Directory, "leases-00000000-0000-0000-0000-000000000000.db");
        string log = Path.Combine(_network.Leases.Directory, "leases-00000000-0000-0000-0000-000000000000-log.db");
        string before = Path.Combine(_network.Leases.Directory, "10.35.0.10");
        string during = Path.Combine(_network.Leases.Directory, "10.35.0.11");
        foreach (string file in (string[])[store, log])
            File.WriteAllText(file, "not even a store");
        foreach (string file in (string[])[before, during])
            File.WriteAllText(file, "somebody\r\neth0");
        File.SetLastWriteTimeUtc(before, KernelBoot.ReadTime().UtcDateTime.AddMinutes(-1));

        string[] addresses = [_network.Attach("first", config).Address(), _network.Attach("second", config).Address()];

        Assert.Equal(["10.35.0.10", "10.35.0.12"], addresses.Order(StringComparer.Ordinal));
        Assert.False(File.Exists(store));
        Assert.False(File.Exists(log));
        Assert.Empty(_network.Leases.SetAside);
    }

    private void Damage(string damage)
    {
        string data = _network.Leases.Data, log = data.Replace(".db", "-log.db", StringComparison.Ordinal);
        string[] words = damage.Split(' ');
        long length = new FileInfo(data).Length;
        switch (words)
        {
            case ["empty"]:
                Truncate(data, 0);
                break;
            case ["truncated", "to", var size]:
                Truncate(data, int.Parse(size));
                break;
            case ["truncated", "by", var size]:
                Truncate(data, length - int.Parse(size));
                break;
            case ["garbage"]:
                Overwrite(data, 0, length);
                break;
            case ["garbage", "in", "page", var page]:
                Overwrite(data, int.Parse(page) * PageSize, PageSize);
                break;
            case ["garbage", "in", "the", "last", "page"]:
                Overwrite(data, length - PageSize, PageSize);
                break;
            case ["zeroes", ..]:
                Overwrite(data, PageSize, PageSize, garbage: false);
                break;
            case ["garbage", "in", "the", "log"]:
                Overwrite(log, 0, 3 * PageSize);
                break;
            case ["a", "byte", ..]:
                Overwrite(log, 0, 1);
                break;
            case ["garbage", "in", "the", "journal"]:
                Overwrite(data.Replace(".db", ".journal", StringComparison.Ordinal), 0, 60);
                break;
            case ["journal", "removed"]:
                File.Delete(data.Replace(".db", ".journal", StringComparison.Ordinal));
                break;
            case ["removed"]:
                File.Delete(data);
                break;
            default:
                Directory.Delete(_network.Leases.Directory, recursive: true);
                break;
        }
    }

    private static void Truncate(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Overwrite(string path, long offset, long count, bool garbage = true)
    {
        byte[] bytes = new byte[count];
        if (garbage)
            new Random(Seed: 1).NextBytes(bytes);
        using FileStream file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(bytes);
    }
}
