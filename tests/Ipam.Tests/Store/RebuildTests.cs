using System.Diagnostics;

namespace Ipam.Tests.Store;

/// <summary>A damaged store is made anew of its own files alone: here no kernel knows of the leases.</summary>
public class RebuildTests
{
    private const string Set = "10.0.0.0/20";
    private const int InDatabase = 25;
    private const int InJournal = 4;

    /// <summary>
    /// What changes files. A process that is killed between two of these has left the same as one that was killed at the second.
    /// </summary>
    private static readonly string[] s_changes = ["pwrite64", "ftruncate", "rename", "unlink", "mkdir", "chmod"];

    public static TheoryData<string> Damages =>
        ["header", "index", "bucket", "journal header", "journal record", "journal lost", "data and journal"];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Every_lease_that_is_not_damaged_itself_is_kept(string damage)
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network);
        foreach (string lost in Damage(network, damage))
            _ = held.Remove(lost);
        string given = network.Add("new", Set).Split('/')[0];
        Assert.DoesNotContain(given, held.Values);
        Assert.Superset(held.ToHashSet(), Held(network).ToHashSet());
        Assert.NotEmpty(Directory.GetFiles(network.StoreDirectory, "*.damaged-1"));
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Log_that_was_not_carried_over_yet_counts()
    {
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network);
        _ = network.Store.List();
        byte[] data = File.ReadAllBytes(network.DataFile);
        // A log holds the pages of a transaction, the last one marked. All of the data file is one, and the file itself is half gone.
        for (int page = 0; page < data.Length / 8192; page++)
        {
            BitConverter.TryWriteBytes(data.AsSpan((page * 8192) + 14), 1u);
            data[(page * 8192) + 18] = (byte)(page == (data.Length / 8192) - 1 ? 1 : 0);
        }
        File.WriteAllBytes(network.LogFile, data);
        File.WriteAllBytes(network.DataFile, new byte[4 * 8192]);
        File.Delete(network.JournalFile);
        _ = network.Add("new", Set);
        Assert.Superset(held.ToHashSet(), Held(network).ToHashSet());
    }

    /// <summary>The process that makes the store anew is killed at every change that it makes to a file, one after the other.</summary>
    [Theory]
    [InlineData("header")]
    [InlineData("journal record")]
    public void Kill_at_any_change_of_a_rebuild_loses_nothing(string damage)
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/strace"), "strace is not installed");
        using TestNetwork network = new();
        Dictionary<string, string> held = Fill(network);
        foreach (string lost in Damage(network, damage))
            _ = held.Remove(lost);
        Dictionary<string, byte[]> damaged = Directory.GetFiles(network.StoreDirectory).ToDictionary(file => file, File.ReadAllBytes);
        int kills = 0;
        foreach (string change in s_changes)
        {
            for (int at = 1; !TryAdd(network, change, at); at++)
            {
                kills++;
                string given = network.Add("next", Set).Split('/')[0];
                Assert.False(held.ContainsValue(given), $"killed at {change} {at}: {given} is given twice");
                Assert.True(held.All(Held(network).Contains), $"killed at {change} {at}: a lease is lost");
                Assert.Equal(given, network.Del("next"));
                Assert.Empty(network.Store.Verify());
                Restore();
            }
            Assert.True(held.All(Held(network).Contains));
            Restore();
        }
        Assert.InRange(kills, 20, 500);

        void Restore()
        {
            foreach (string file in Directory.GetFiles(network.StoreDirectory))
                File.Delete(file);
            foreach ((string file, byte[] bytes) in damaged)
                File.WriteAllBytes(file, bytes);
            Directory.Delete(network.WitnessDirectory, recursive: true);
        }
    }

    // A kill between the two renames that put a first store in its place.
    [Fact]
    public void Lease_of_a_store_whose_data_file_has_its_other_name_is_found_and_given_back()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24");
        File.Move(network.DataFile, network.DataFile + ".new");
        _ = Assert.Single(network.Store.Release(TestNetwork.Key("a")));
        Assert.Empty(network.Store.List());
    }

    /// <summary>The same for a network's first ADD.</summary>
    [Fact]
    public void Kill_at_any_change_of_a_first_call_leaves_a_store_that_works()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/strace"), "strace is not installed");
        int kills = 0;
        foreach (string change in s_changes)
        {
            bool isDone = false;
            for (int at = 1; !isDone; at++)
            {
                using TestNetwork network = new();
                isDone = TryAdd(network, change, at);
                kills++;
                string first = network.Add("a", Set), second = network.Add("b", Set);
                Assert.NotEqual(first, second);
                Assert.Equal(2, Held(network).Count(lease => lease.Key is "a" or "b"));
                Assert.Empty(network.Store.Verify());
                Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*.damaged-*"));
            }
        }
        Assert.InRange(kills, 20, 500);
    }

    /// <summary>Another process gives an address, and is killed at its n-th call of a kind. False if it was.</summary>
    private static bool TryAdd(TestNetwork network, string call, int number)
    {
        using Process worker = Worker.Start(
            network, "killed", 1, releases: false,
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={number}");
        string answer = worker.StandardOutput.ReadToEnd();
        worker.WaitForExit();
        return answer.Length > 0;
    }

    private static Dictionary<string, string> Fill(TestNetwork network)
    {
        Dictionary<string, string> held = [];
        for (int i = 0; i < InDatabase + InJournal; i++)
        {
            // A request needs the database, which takes over what the journal holds.
            if (i == InDatabase)
                held.Add("requested", network.Add("requested", Set, "10.0.3.9").Split('/')[0]);
            held.Add($"id{i}", network.Add($"id{i}", Set).Split('/')[0]);
        }
        return held;
    }

    private static Dictionary<string, string> Held(TestNetwork network) =>
        network.Store.List().ToDictionary(lease => lease.Key.ContainerId, lease => lease.Addresses[0].Address.ToString());

    /// <summary>Damages the files; returns whose leases can be lost with it.</summary>
    private static HashSet<string> Damage(TestNetwork network, string damage)
    {
        byte[] data = File.ReadAllBytes(network.DataFile);
        byte[] journal = File.ReadAllBytes(network.JournalFile);
        HashSet<string> lost = [];
        if (damage is "header" or "data and journal")
            data.AsSpan(0, 8192).Clear();
        if (damage == "index")
            data[Find(data, "\u0006\0\0\0index\0") + 40] ^= 1;
        if (damage == "bucket")
        {
            data[Find(data, "id7") + 2] ^= 1;
            lost.Add("id7");
        }
        if (damage is "journal header" or "data and journal")
            journal[30] ^= 1;
        if (damage == "journal record")
        {
            journal[Find(journal, $"id{InDatabase + 1}")] ^= 1;
            lost.Add($"id{InDatabase + 1}");
        }
        File.WriteAllBytes(network.DataFile, data);
        File.WriteAllBytes(network.JournalFile, journal);
        if (damage == "journal lost")
        {
            File.Delete(network.JournalFile);
            lost.UnionWith(Enumerable.Range(InDatabase, InJournal).Select(i => $"id{i}"));
        }
        return lost;
    }

    private static int Find(byte[] bytes, string text)
    {
        int at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text));
        return at >= 0 ? at : throw new InvalidOperationException($"{text} is not there");
    }
}
