using Ipam.Store;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Whatever happens to the files, no address that somebody uses is given to somebody else.</summary>
public class DamageTests
{
    private const string Set = "10.0.0.0/23";

    [Fact]
    public void Truncation_at_any_length_is_survived() => Survive((random, bytes) => bytes[..random.Next(bytes.Length)]);

    [Fact]
    public void Zeroed_stretches_are_survived() => Survive((random, bytes) =>
    {
        Span<byte> hit = bytes.AsSpan(random.Next(bytes.Length)..);
        hit[..Math.Min(hit.Length, random.Next(1, 20000))].Clear();
        return bytes;
    });

    [Fact]
    public void Garbage_anywhere_is_survived() => Survive((random, bytes) =>
    {
        Span<byte> hit = bytes.AsSpan(random.Next(bytes.Length)..);
        random.NextBytes(hit[..Math.Min(hit.Length, random.Next(1, 64))]);
        return bytes;
    });

    [Fact]
    public void Single_bytes_that_change_are_survived() => Survive((random, bytes) =>
    {
        // Structure is dense at the start of pages and at their end.
        int page = random.Next(bytes.Length / 8192) * 8192;
        int at = page + (random.Next(2) == 0 ? random.Next(200) : 8191 - random.Next(200));
        bytes[at] = (byte)random.Next(256);
        return bytes;
    });

    [Fact]
    public void Pages_that_change_places_are_survived() => Survive((random, bytes) =>
    {
        int from = random.Next(bytes.Length / 8192) * 8192;
        int to = random.Next(bytes.Length / 8192) * 8192;
        bytes.AsSpan(from, 8192).CopyTo(bytes.AsSpan(to));
        return bytes;
    });

    [Fact]
    public void Journal_that_is_damaged_anywhere_is_survived()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network, 20);
        byte[] data = File.ReadAllBytes(network.DataFile);
        byte[] journal = File.ReadAllBytes(network.JournalFile);
        Random random = new(7);
        for (int round = 0; round < 60; round++)
        {
            File.WriteAllBytes(network.DataFile, data);
            byte[] damaged = [.. journal];
            if (round % 2 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            else
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(network.JournalFile, damaged);
            AssertNothingIsGivenTwice(network, held, $"round {round}");
        }
    }

    [Fact]
    public void Journal_that_vanished_is_noticed()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network, 5);
        File.Delete(network.JournalFile);
        AssertNothingIsGivenTwice(network, held, "journal deleted");
    }

    [Fact]
    public void Torn_log_of_a_killed_process_is_survived()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network, 20);
        byte[] data = File.ReadAllBytes(network.DataFile);
        Random random = new(5);
        for (int round = 0; round < 30; round++)
        {
            File.WriteAllBytes(network.DataFile, data);
            // A log holds what was not answered yet: pages of the data file, whole or not, and worse.
            byte[] log = data[..(random.Next(1, data.Length / 8192) * 8192)];
            random.NextBytes(log.AsSpan(random.Next(log.Length - 40), 40));
            File.WriteAllBytes(network.LogFile, log[..random.Next(log.Length)]);
            AssertNothingIsGivenTwice(network, held, $"round {round}");
        }
    }

    [Fact]
    public void Data_that_vanished_beside_its_log_is_a_new_store()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network, 5);
        File.Copy(network.DataFile, network.LogFile, overwrite: true);
        File.Delete(network.DataFile);
        AssertNothingIsGivenTwice(network, held, "data deleted");
        File.WriteAllBytes(network.DataFile, []);
        AssertNothingIsGivenTwice(network, held, "data emptied");
    }

    [Fact]
    public void Damaged_files_are_copied_together_and_the_last_copies_stay()
    {
        using TestNetwork network = new();
        _ = Fill(network, 3);
        for (int n = 1; n <= DamagedCopies.MaxCount + 2; n++)
        {
            File.WriteAllText(network.DataFile, new string('x', 20000));
            File.WriteAllText(network.LogFile, new string('y', n));
            Assert.Equal($"10.0.0.{n + 4}/23", network.Add($"new-{n}", Set));
            Assert.InRange(new FileInfo($"{network.DataFile}.damaged-{n}").Length, 16384, 20000);
            Assert.True(File.Exists($"{network.LogFile}.damaged-{n}"));
            Assert.True(File.Exists($"{network.JournalFile}.damaged-{n}"));
            Assert.Equal(Math.Min(n, DamagedCopies.MaxCount) * 3, Directory.GetFiles(network.StoreDirectory, "*.damaged-*").Length);
        }
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*.new"));
    }

    [Fact]
    public void Allocation_goes_on_behind_the_highest_address_found()
    {
        using TestNetwork network = new();
        _ = Fill(network, 9);
        _ = network.Del("id3");
        _ = network.Evidence.InKernel.RemoveAll(lease => lease.Key == Key("id3"));
        File.WriteAllBytes(network.DataFile, new byte[9000]);
        Assert.Equal("10.0.0.11/23", network.Add("new", Set));
    }

    [Fact]
    public void Lease_that_no_witness_knows_yet_is_salvaged()
    {
        using TestNetwork network = new();
        _ = Fill(network, 3);
        Assert.Equal("10.0.0.5/23", network.Add("in-flight", Set));
        // What the journal holds goes into the database, too.
        _ = network.Store.List();
        // The block's only set bits.
        byte[] data = File.ReadAllBytes(network.DataFile);
        int bits = data.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x3c, 0, 0, 0, 0, 0, 0, 0, 0]);
        data[bits] = 0;
        File.WriteAllBytes(network.DataFile, data);
        Assert.Equal("10.0.0.6/23", network.Add("new", Set));
        Assert.Single(
            Directory.GetFiles(network.StoreDirectory, "*.db.damaged-1"), name => !name.Contains("-log", StringComparison.Ordinal));
        Assert.Equal("10.0.0.5", network.Del("in-flight"));
    }

    [Fact]
    public void Error_of_the_caller_is_no_damage()
    {
        using TestNetwork network = new();
        _ = Fill(network, 1);
        ThrowingEvidence evidence = new();
        LeaseStore store = new(network.Options with { Evidence = evidence });
        _ = Assert.Throws<InvalidOperationException>(() => store.Allocate(Key("id0"), "", Sets(Set), []));
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));
        Assert.NotNull(network.Store.Find(Key("id0")));
    }

    private sealed class ThrowingEvidence : ILeaseEvidence
    {
        public Liveness Probe(Lease lease) => throw new InvalidOperationException();

        public IEnumerable<Lease> FindInKernel() => throw new InvalidOperationException();
    }

    /// <summary>Damages a filled store 30 times and goes on using it each time.</summary>
    private static void Survive(Func<Random, byte[], byte[]> damage)
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network, 40);
        byte[] sound = File.ReadAllBytes(network.DataFile);
        for (int seed = 0; seed < 30; seed++)
        {
            File.WriteAllBytes(network.DataFile, damage(new Random(seed), [.. sound]));
            AssertNothingIsGivenTwice(network, held, $"seed {seed}");
        }
    }

    /// <summary>Gives addresses and records them where a rebuild finds them, as the kernel would.</summary>
    private static Dictionary<string, string> Fill(TestNetwork network, int count)
    {
        network.Evidence.InKernel.Clear();
        Dictionary<string, string> held = [];
        for (int i = 0; i < count; i++)
        {
            held.Add($"id{i}", network.Add($"id{i}", Set).Split('/')[0]);
            network.Evidence.InKernel.Add(Found($"id{i}", held[$"id{i}"]));
        }
        return held;
    }

    private static void AssertNothingIsGivenTwice(TestNetwork network, Dictionary<string, string> held, string what)
    {
        string[] given = new string[3];
        for (int i = 0; i < 3; i++)
        {
            given[i] = network.Add($"new{i}", Set).Split('/')[0];
            network.Evidence.InKernel.Add(Found($"new{i}", given[i]));
        }
        Assert.True(given.Concat(held.Values).Distinct().Count() == held.Count + 3, $"{what}: {string.Join(' ', given)}");
        Assert.Superset(
            held.Select(pair => $"{pair.Key} {pair.Value}").ToHashSet(),
            network.Store.List().Select(lease => $"{lease.Key.ContainerId} {lease.Addresses[0].Address}").ToHashSet());
        for (int i = 0; i < 3; i++)
        {
            Assert.True(network.Del($"new{i}") == given[i], what);
            network.Evidence.InKernel.RemoveAt(network.Evidence.InKernel.Count - 3 + i);
        }
        Assert.True(network.Store.Verify() is [], what);
        foreach (string aside in Directory.GetFiles(network.StoreDirectory, "*damaged*"))
            File.Delete(aside);
    }
}
