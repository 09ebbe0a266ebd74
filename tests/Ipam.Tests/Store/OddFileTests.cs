using System.Diagnostics;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>What lies in a file's place is not always a file. Nothing of it may keep a call waiting under the lock.</summary>
public class OddFileTests
{
    private const string Set = "10.0.0.0/24";

    [Theory]
    [InlineData(".db", "pipe")]
    [InlineData(".db", "/dev/zero")]
    [InlineData(".db", "directory")]
    [InlineData("-log.db", "pipe")]
    [InlineData("-log.db", "/dev/zero")]
    [InlineData(".journal", "pipe")]
    [InlineData(".journal", "/dev/zero")]
    [InlineData(".journal", "long")]
    [InlineData(".filter", "pipe")]
    [InlineData(".filter", "/dev/zero")]
    public void Odd_file_is_refused_by_name(string suffix, string what)
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        string path = Path.Combine(network.StoreDirectory, $"leases-{BootId}{suffix}");
        Put(path, what);
        foreach (Action call in (Action[])[() => network.Add("b", Set, "10.0.0.9"), () => network.Store.Release(Key("a"))])
        {
            IpamException error = Assert.Throws<IpamException>(call);
            Assert.Equal(IpamErrorKind.StoreBroken, error.Kind);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(".db.new")]
    [InlineData(".filter.new")]
    [InlineData(".journal.new")]
    [InlineData(".machine")]
    public void Odd_file_in_the_way_of_a_new_store_is_refused_by_name(string suffix)
    {
        using TestNetwork network = new();
        _ = Directory.CreateDirectory(network.StoreDirectory);
        string path = Path.Combine(network.StoreDirectory, $"leases-{BootId}{suffix}");
        _ = File.CreateSymbolicLink(path, "/dev/zero");
        Assert.Contains(path, Assert.Throws<IpamException>(() => network.Add("b", Set)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_that_is_a_link_is_refused_and_what_it_leads_to_is_not_made()
    {
        using TestNetwork network = new();
        _ = Directory.CreateDirectory(network.StoreDirectory);
        string path = Path.Combine(network.StoreDirectory, "lock");
        _ = File.CreateSymbolicLink(path, Path.Combine(network.DataDir, "elsewhere"));
        Assert.Contains(path, Assert.Throws<IpamException>(() => network.Add("a", Set)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(network.DataDir, "elsewhere")));
    }

    [Fact]
    public void Lock_that_is_a_pipe_keeps_nobody_waiting()
    {
        using TestNetwork network = new();
        _ = Directory.CreateDirectory(network.StoreDirectory);
        Put(Path.Combine(network.StoreDirectory, "lock"), "pipe");
        Assert.Equal("10.0.0.2/24", network.Add("a", Set));
    }

    [Fact]
    public void Odd_files_of_the_reference_hold_nothing()
    {
        using TestNetwork network = new();
        network.WriteReference("10.0.0.2", "a\r\neth0");
        foreach ((int i, string what) in (IEnumerable<(int, string)>)[(3, "pipe"), (4, "/dev/zero"), (5, "directory"), (6, "long")])
            Put(Path.Combine(network.ReferenceDirectory, $"10.0.0.{i}"), what);
        Put(Path.Combine(network.ReferenceDirectory, "last_reserved_ip.0"), "pipe");
        Put(Path.Combine(network.ReferenceDirectory, "last_reserved_ip.1"), "/dev/zero");
        Assert.Equal("10.0.0.3/24", network.Add("b", Set));
        Put(Path.Combine(network.ReferenceDirectory, "10.0.0.2"), "pipe");
        Assert.Equal("10.0.0.2", network.Del("a"));
    }

    private static void Put(string path, string what)
    {
        File.Delete(path);
        switch (what)
        {
            case "pipe":
                using (Process made = Process.Start("mkfifo", [path]))
                    made.WaitForExit();
                break;
            case "directory":
                _ = Directory.CreateDirectory(path);
                break;
            case "long":
                using (FileStream file = File.Create(path))
                    file.SetLength(1L << 40);
                break;
            default:
                _ = File.CreateSymbolicLink(path, what);
                break;
        }
    }
}
