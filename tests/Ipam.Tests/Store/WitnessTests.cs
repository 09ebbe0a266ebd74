using Ipam.Store;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>A directory that is put back to an older state while its pods live.</summary>
public class WitnessTests
{
    private const string Set = "10.0.0.0/24";

    /// <summary>
    /// After every call of a history the directory is put back to each state before; nobody but the witness knows of the leases.
    /// </summary>
    [Fact]
    public void Addresses_given_since_an_older_state_are_not_given_again()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = [];
        List<Dictionary<string, byte[]>> states = [];
        Random random = new(4);
        for (int call = 0; call < 14; call++)
        {
            if (call % 5 == 4)
            {
                string gone = held.Keys.ElementAt(random.Next(held.Count));
                _ = network.Del(gone);
                _ = held.Remove(gone);
            }
            else
            {
                held.Add($"id{call}", network.Add($"id{call}", Set).Split('/')[0]);
            }
            Dictionary<string, byte[]> now = Save(network);
            byte[] witness = File.ReadAllBytes(WitnessFile(network));
            foreach (Dictionary<string, byte[]> state in states)
            {
                Restore(network, state);
                string given = network.Add("new", Set).Split('/')[0];
                Assert.DoesNotContain(given, held.Values);
                Assert.NotEmpty(Directory.GetFiles(network.StoreDirectory, "*.damaged-*"));
                Assert.Empty(network.Store.Verify());
                File.WriteAllBytes(WitnessFile(network), witness);
            }
            Restore(network, now);
            Assert.Equal(
                held.Values.Order(),
                network.Store.List().SelectMany(lease => lease.Addresses).Select(leased => $"{leased.Address}").Order());
            Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*.damaged-*"));
            states.Add(now);
        }
    }

    [Fact]
    public void Journal_alone_that_is_put_back_is_noticed()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        byte[] journal = File.ReadAllBytes(network.JournalFile);
        _ = network.Add("c", Set);
        File.WriteAllBytes(network.JournalFile, journal);
        Assert.Equal("10.0.0.5/24", network.Add("d", Set));
        Assert.NotEmpty(Directory.GetFiles(network.StoreDirectory, "*.damaged-*"));
    }

    [Fact]
    public void Kernel_is_believed_more_than_a_store_that_was_put_back()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/30");
        Dictionary<string, byte[]> old = Save(network);
        _ = network.Del("a");
        _ = network.Add("b", "10.0.0.0/30");
        network.Evidence.InKernel.Add(Found("b", "10.0.0.2"));
        Restore(network, old);
        network.Evidence.Known[Key("a")] = Liveness.Dead;
        Assert.Equal(IpamErrorKind.RangeExhausted, Assert.Throws<IpamException>(() => network.Add("c", "10.0.0.0/30")).Kind);
    }

    [Fact]
    public void Witness_that_lags_behind_or_is_lost_or_damaged_or_of_another_boot_costs_nothing()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        byte[] old = File.ReadAllBytes(WitnessFile(network));
        _ = network.Add("b", Set);
        byte[] damaged = [.. old];
        damaged[50] ^= 1;
        int next = 4;
        foreach (byte[] witness in (byte[][])[old, damaged, [], [1, 2, 3], new byte[5000]])
        {
            File.WriteAllBytes(WitnessFile(network), witness);
            Assert.Equal($"10.0.0.{next}/24", network.Add($"id{next++}", Set));
        }
        Directory.Delete(network.WitnessDirectory, recursive: true);
        Assert.Equal($"10.0.0.{next}/24", network.Add("last", Set));
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*.damaged-*"));
        LeaseStore nextBoot = new(network.Options with { BootId = "22222222-2222-3333-4444-555555555555" });
        Assert.Equal("10.0.0.2/24", nextBoot.Allocate(Key("a"), "", Sets(Set), [])[0].Address.ToString());
    }

    [Fact]
    public void Store_that_is_deleted_goes_on_behind_its_last_address()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Set);
        _ = network.Add("b", Set);
        Directory.Delete(network.StoreDirectory, recursive: true);
        Assert.Equal("10.0.0.4/24", network.Add("c", Set));
        Assert.Equal("10.0.0.5/24", network.Add("d", Set));
    }

    [Theory]
    [InlineData("/run/cni/networks/net", false)]
    [InlineData("/var/run/x/net", false)]
    [InlineData("/var/lib/cni/networks/net", true)]
    [InlineData("/runs/net", true)]
    [InlineData("/run/../srv/net", true)]
    public void Store_below_run_needs_no_witness(string directory, bool expected) =>
        Assert.Equal(expected, LeaseWitness.Of("/nonexistent", directory, BootId) is not null);

    [Fact]
    public void Witness_that_cannot_be_written_is_none()
    {
        using TestNetwork network = new();
        File.WriteAllText(network.WitnessDirectory, "in the way");
        Assert.Equal("10.0.0.2/24", network.Add("a", Set));
        Assert.Equal("10.0.0.3/24", network.Add("b", Set));
    }

    private static string WitnessFile(TestNetwork network) => Assert.Single(Directory.GetFiles(network.WitnessDirectory));

    private static Dictionary<string, byte[]> Save(TestNetwork network) =>
        Directory.GetFiles(network.StoreDirectory, "leases-*").ToDictionary(file => file, File.ReadAllBytes);

    private static void Restore(TestNetwork network, Dictionary<string, byte[]> state)
    {
        foreach (string file in Directory.GetFiles(network.StoreDirectory, "leases-*"))
            File.Delete(file);
        foreach ((string file, byte[] bytes) in state)
            File.WriteAllBytes(file, bytes);
    }
}
