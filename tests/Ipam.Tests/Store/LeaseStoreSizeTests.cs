using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Stores that hold a lot.</summary>
public class LeaseStoreSizeTests
{
    [Fact]
    public void Thousands_of_addresses_that_are_found_on_one_interface_are_held_and_freed_together()
    {
        using TestNetwork network = new();
        LeaseKey key = LeaseKey.Unknown("/proc/1/ns/net", "lo");
        string[] addresses = [.. Enumerable.Range(2, 12_000).Select(i => $"10.0.{i >> 8}.{i & 255}")];
        network.Evidence.InKernel.Add(Found("", addresses) with { Key = key });
        Assert.Equal("10.0.46.226/18", network.Add("a", "10.0.0.0/18"));
        Assert.Equal(12_001, (int)network.Store.Measure(Sets("10.0.0.0/18"))[0].Held);
        network.Evidence.Known[key] = Liveness.Dead;
        Assert.Equal(12_000, Assert.Single(network.Store.Collect(new HashSet<LeaseKey> { Key("a") })).Addresses.Count);
        Assert.Equal(1, (int)network.Store.Measure(Sets("10.0.0.0/18"))[0].Held);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Hundreds_of_range_sets_give_an_address_each()
    {
        using TestNetwork network = new();
        string sets = string.Join(' ', Enumerable.Range(0, 300).Select(i => $"10.{i / 256}.{i % 256}.0/24"));
        Assert.Equal(300, network.Add("a", sets).Split(' ').Length);
        Assert.Equal(300, network.Add("b", sets).Split(' ').Length);
        Assert.Equal(300, network.Store.Find(Key("b"))!.Addresses.Count);
        Assert.Equal(300, network.Del("b").Split(' ').Length);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Thousands_of_leases_leave_index_blocks_and_leases_in_agreement()
    {
        using TestNetwork network = new();
        Random random = new(1);
        Dictionary<string, string> held = [];
        for (int i = 0; i < 1500; i++)
        {
            if (held.Count > 0 && random.Next(5) < 2)
            {
                string id = held.Keys.ElementAt(random.Next(held.Count));
                Assert.Equal(held[id], network.Del(id));
                _ = held.Remove(id);
            }
            else
            {
                string id = $"{random.Next():x}-{i}";
                held.Add(id, network.Add(id, "10.0.0.0/20").Split('/')[0]);
            }
        }
        Assert.Equal(held.Count, held.Values.Distinct().Count());
        Assert.Equal(held.Keys.Order(), network.Store.List().Select(lease => lease.Key.ContainerId).Order());
        Assert.Empty(network.Store.Verify());
    }
}
