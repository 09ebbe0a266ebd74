using Ipam.Store;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Two machines, or two boots of one, that keep their leases in one directory.</summary>
public class SharedDirectoryTests
{
    private const string Set = "10.0.0.0/24";
    private const string Other = "fedcba9876543210fedcba9876543210";

    [Fact]
    public void Store_of_another_machine_is_kept_and_no_address_is_given_beside_it()
    {
        using TestNetwork network = new();
        Assert.Equal("10.0.0.2/24", network.Add("a", Set));
        LeaseStore other = OtherMachine(network, Other);
        foreach (Action call in (Action[])[() => other.Allocate(Key("b"), "", Sets(Set), []), () => other.Measure(Sets(Set))])
        {
            IpamException error = Assert.Throws<IpamException>(call);
            Assert.Equal(IpamErrorKind.StoreBroken, error.Kind);
            foreach (string word in (string[])["dataDir", network.DataDir, network.Machine, Other, "delete"])
                Assert.Contains(word, error.Message, StringComparison.Ordinal);
        }
        Assert.Equal("10.0.0.3/24", network.Add("c", Set));
        Assert.Equal("10.0.0.2", network.Del("a"));
    }

    [Fact]
    public void Machine_that_was_refused_has_nothing_to_take_back()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        LeaseStore other = OtherMachine(network, Other);
        Assert.Empty(other.Release(Key("a")));
        Assert.Null(other.Find(Key("a")));
        Assert.Empty(other.Collect(new HashSet<LeaseKey>()));
        Assert.NotNull(network.Store.Find(Key("a")));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData(null)]
    public void Earlier_boot_of_this_machine_or_of_an_older_version_is_over(string? machine)
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        if (machine is null)
            File.Delete(network.MachineFile);
        Assert.Equal("10.0.0.2/24", OtherMachine(network, machine ?? Other).Allocate(Key("b"), "", Sets(Set), [])[0].Address.ToString());
        Assert.False(File.Exists(network.DataFile));
    }

    /// <summary>An image that was made of another machine's disk.</summary>
    [Fact]
    public void Store_of_another_machine_that_came_with_a_local_disk_is_over()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        foreach (string file in Directory.GetFiles(network.StoreDirectory))
            File.SetLastWriteTimeUtc(file, network.BootTime.UtcDateTime.AddMinutes(-1));
        Assert.Equal("10.0.0.2/24", OtherMachine(network, Other).Allocate(Key("b"), "", Sets(Set), [])[0].Address.ToString());
    }

    [Fact]
    public void Machine_that_cannot_be_told_gives_nothing_beside_one_that_can()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        IpamException error = Assert.Throws<IpamException>(() => OtherMachine(network, "").Allocate(Key("b"), "", Sets(Set), []));
        Assert.Contains(network.Machine, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_of_this_boot_is_used_whoever_signed_it()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        File.WriteAllText(network.MachineFile, Other + "\n");
        Assert.Equal("10.0.0.3/24", network.Add("b", Set));
        File.Delete(network.MachineFile);
        File.WriteAllText(network.DataFile, "damaged");
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
    }

    [Fact]
    public void Machine_is_known_by_its_id_or_its_name() => Assert.Matches("^[^\\s]*$", MachineIdentity.Read());

    private static LeaseStore OtherMachine(TestNetwork network, string machine) =>
        new(network.Options with { BootId = "99999999-2222-3333-4444-555555555555", Machine = () => machine });
}
