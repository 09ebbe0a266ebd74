using Linux.Addresses;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

public class LeaseStoreTests
{
    private const string Dual = "10.1.2.0/24 2001:db8:1::/64";

    [Fact]
    public void Allocate_gives_one_address_of_each_set_with_prefix_and_gateway()
    {
        using TestNetwork network = new();
        IReadOnlyList<Allocation> given = network.Store.Allocate(
            Key("a"), "/run/netns/a", Sets("10.1.2.0/24,10.2.2.0/24 10.3.0.0/16@10.9.9.9 2001:db8:1::/64"), []);
        Assert.Equal(["10.1.2.2/24", "10.3.0.1/16", "2001:db8:1::2/64"], given.Select(allocation => allocation.Address.ToString()));
        Assert.Equal(["10.1.2.1", "10.9.9.9", "2001:db8:1::1"], given.Select(allocation => IpText.Format(allocation.Gateway!)));
        Assert.Equal([0, 1, 2], given.Select(allocation => allocation.RangeSet));
    }

    [Fact]
    public void Find_returns_what_was_recorded()
    {
        using TestNetwork network = new();
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        _ = network.Add("a", Dual);
        Lease lease = network.Store.Find(Key("a"))!;
        Assert.Equal(Key("a"), lease.Key);
        Assert.Equal("/run/netns/a", lease.NetNS);
        Assert.False(lease.Imported);
        Assert.InRange(lease.CreatedAt, before, DateTimeOffset.UtcNow);
        Assert.Equal([new LeasedAddress(0, Ip("10.1.2.2")!), new LeasedAddress(1, Ip("2001:db8:1::2")!)], lease.Addresses);
        Assert.Null(network.Store.Find(Key("b")));
        Assert.Null(network.Store.Find(Key("a", "eth1")));
    }

    [Fact]
    public void Interfaces_of_one_container_hold_their_own()
    {
        using TestNetwork network = new();
        _ = network.Store.Allocate(Key("a", "eth0"), "", Sets("10.0.0.0/24"), []);
        _ = network.Store.Allocate(Key("a", "eth1"), "", Sets("10.0.0.0/24"), []);
        Assert.Equal("10.0.0.2", network.Store.Release(Key("a", "eth0"))[0].Address.ToString());
        Assert.Equal("10.0.0.3", network.Store.Find(Key("a", "eth1"))!.Addresses[0].Address.ToString());
    }

    [Fact]
    public void White_space_around_a_container_id_does_not_count()
    {
        using TestNetwork network = new();
        _ = network.Add("   dummy\n ", "10.0.0.0/24");
        Assert.Equal("dummy", network.Store.List()[0].Key.ContainerId);
        Assert.Equal("10.0.0.2", network.Del("dummy\r\n"));
    }

    [Fact]
    public void Names_differing_in_case_are_different()
    {
        using TestNetwork network = new();
        _ = network.Add("abc", "10.0.0.0/24");
        _ = network.Add("ABC", "10.0.0.0/24");
        Assert.Equal("10.0.0.3", network.Del("ABC"));
        Assert.Equal("10.0.0.2", network.Del("abc"));
    }

    [Fact]
    public void Release_of_the_unknown_returns_nothing_and_makes_nothing()
    {
        using TestNetwork network = new();
        Assert.Empty(network.Store.Release(Key("a")));
        Assert.Null(network.Store.Find(Key("a")));
        Assert.Empty(network.Store.Collect(new HashSet<LeaseKey>()));
        Assert.False(Directory.Exists(network.DataDir));
        _ = network.Add("b", Dual);
        Assert.Empty(network.Store.Release(Key("a")));
    }

    [Fact]
    [Trait("Conformance", "C29")]
    public void Repeated_allocation_is_refused_and_the_first_one_stays()
    {
        using TestNetwork network = new();
        foreach (Liveness liveness in (Liveness[])[Liveness.Alive, Liveness.Unknown])
        {
            string id = $"id-{liveness}";
            string first = network.Add(id, Dual);
            network.Evidence.Known[Key(id)] = liveness;
            IpamException error = Assert.Throws<IpamException>(() => network.Add(id, Dual));
            Assert.Equal(IpamErrorKind.DuplicateAllocation, error.Kind);
            Assert.Equal(Key(id), error.Holder);
            Assert.Contains($"allocated to {id} eth0", error.Message, StringComparison.Ordinal);
            Assert.NotEqual(first, network.Add($"other-{liveness}", Dual));
            _ = Assert.Throws<IpamException>(() => network.Add(id, Dual));
            Assert.Equal(first.Replace("/24", "", StringComparison.Ordinal).Replace("/64", "", StringComparison.Ordinal), network.Del(id));
        }
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    [Trait("Pitfall", "P2")]
    public void Repeated_allocation_of_the_dead_is_given_anew()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Dual);
        network.Evidence.Known[Key("a")] = Liveness.Dead;
        Assert.Equal("10.1.2.3/24 2001:db8:1::3/64", network.Add("a", Dual));
        Assert.Equal([Key("a")], network.Evidence.Reclaimed);
        Assert.Single(network.Store.List());
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Leases_tell_where_they_were_asked_for()
    {
        using TestNetwork network = new();
        foreach (string id in (string[])["a", "b", "c"])
        {
            network.Evidence.Origin = new LeaseOrigin(id[0], 2, 3);
            _ = network.Add(id, Dual);
        }
        Assert.Equal(
            ["a", "b", "c"], network.Store.List().Select(lease => $"{(char)lease.Origin.NetworkNamespace}").Order(StringComparer.Ordinal));
        Assert.All(network.Store.List(), lease => Assert.Equal((2UL, 3UL), (lease.Origin.MountNamespace, lease.Origin.Add)));
    }

    // What an ADD that is undone did not take itself is another's.
    [Fact]
    public void Release_of_one_ADD_leaves_the_lease_of_another()
    {
        using TestNetwork network = new();
        network.Evidence.Origin = new LeaseOrigin(1, 2, 3);
        _ = network.Add("a", Dual);
        Assert.Empty(network.Store.Release(Key("a"), add: 4));
        Assert.NotNull(network.Store.Find(Key("a")));
        Assert.Equal(2, network.Store.Release(Key("a"), add: 3).Count);
        Assert.Null(network.Store.Find(Key("a")));
    }

    [Fact]
    public void Collect_spares_what_is_being_made()
    {
        using TestNetwork network = new();
        _ = network.Add("a", Dual);
        _ = network.Add("b", Dual);
        _ = network.Evidence.BeingMade.Add(Key("a"));
        Assert.Equal(Key("b"), Assert.Single(network.Store.Collect(new HashSet<LeaseKey>())).Key);
        Assert.NotNull(network.Store.Find(Key("a")));
    }

    [Fact]
    [Trait("Pitfall", "P2")]
    public void Full_range_is_freed_of_the_dead_before_giving_up()
    {
        using TestNetwork network = new();
        for (int i = 0; i < 5; i++)
            _ = network.Add($"id{i}", "10.0.0.0/29");
        network.Evidence.Known[Key("id1")] = Liveness.Dead;
        network.Evidence.Known[Key("id3")] = Liveness.Dead;
        Assert.Equal("10.0.0.3/29", network.Add("a", "10.0.0.0/29"));
        Assert.Equal([Key("id1"), Key("id3")], network.Evidence.Reclaimed.OrderBy(static key => key.ContainerId, StringComparer.Ordinal));
        Assert.Equal("10.0.0.5/29", network.Add("b", "10.0.0.0/29"));
        Assert.Equal(IpamErrorKind.RangeExhausted, Assert.Throws<IpamException>(() => network.Add("c", "10.0.0.0/29")).Kind);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Allocation_that_fails_in_a_later_set_holds_nothing()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/30");
        IpamException error = Assert.Throws<IpamException>(() => network.Add("b", "10.1.0.0/24 10.0.0.0/30"));
        Assert.Contains("range set 1", error.Message, StringComparison.Ordinal);
        Assert.Null(network.Store.Find(Key("b")));
        Assert.Equal("10.1.0.2/24", network.Add("b", "10.1.0.0/24"));
    }

    [Fact]
    [Trait("Conformance", "C72")]
    public void Collect_takes_what_is_not_valid_and_nothing_the_second_time()
    {
        using TestNetwork network = new();
        foreach (string id in (string[])["a", "b", "c"])
            _ = network.Add(id, Dual);
        HashSet<LeaseKey> valid = [Key("b"), Key("not-ours")];
        Assert.Equal(["a", "c"], network.Store.Collect(valid).Select(lease => lease.Key.ContainerId).Order());
        Assert.Empty(network.Store.Collect(valid));
        Assert.Equal([Key("b")], network.Store.List().Select(lease => lease.Key));
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Measure_counts_what_is_held_in_whole_and_partial_blocks()
    {
        using TestNetwork network = new();
        RangeSet[] sets = Sets("10.0.0.0/16 10.1.0.0/30 2001:db8::/64");
        Assert.All(network.Store.Measure(sets), use => Assert.Equal(UInt128.Zero, use.Held));
        _ = network.Store.Allocate(Key("a"), "", sets, []);
        Assert.Equal([1, 1, 1], network.Store.Measure(sets).Select(use => (int)use.Held));
        Assert.Equal([false, true, false], network.Store.Measure(sets).Select(use => use.IsFull));
    }

    [Fact]
    public void Measure_makes_nothing_and_says_where_nothing_could_be_made()
    {
        using TestNetwork network = new();
        Assert.Equal(UInt128.Zero, Assert.Single(network.Store.Measure(Sets("10.0.0.0/24"))).Held);
        Assert.False(Directory.Exists(network.DataDir));
        File.WriteAllText(network.DataDir, "in the way");
        IpamException error = Assert.Throws<IpamException>(() => network.Store.Measure(Sets("10.0.0.0/24")));
        Assert.Equal(IpamErrorKind.StoreBroken, error.Kind);
        Assert.Contains(network.StoreDirectory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlong_names_are_refused_before_anything_is_made()
    {
        using TestNetwork network = new();
        string longest = new('a', Lease.MaxTextLength);
        Allocation Add(string id, string ifName, string netns) =>
            network.Store.Allocate(Key(id, ifName), netns, Sets("10.0.0.0/24"), [])[0];
        Assert.Equal(IpamErrorKind.InvalidRequest, Assert.Throws<IpamException>(() => Add(longest + "a", "", "")).Kind);
        Assert.Equal(IpamErrorKind.InvalidRequest, Assert.Throws<IpamException>(() => Add("", longest + "a", "")).Kind);
        Assert.Equal(IpamErrorKind.InvalidRequest, Assert.Throws<IpamException>(() => Add("", "", longest + "a")).Kind);
        Assert.False(Directory.Exists(network.DataDir));
        Assert.Equal("10.0.0.2/24", Add(longest, longest, longest).Address.ToString());
        Assert.Equal(longest, network.Store.Find(Key(longest, longest))!.NetNS);
    }

    [Fact]
    public void Found_lease_whose_names_no_call_could_have_is_left_out()
    {
        using TestNetwork network = new();
        network.Evidence.InKernel.Add(Found(new string('a', Lease.MaxTextLength + 1), "10.0.0.2"));
        network.Evidence.InKernel.Add(Found("b", "10.0.0.3") with { NetNS = new string('n', 100_000) });
        Assert.Equal("10.0.0.2/24", network.Add("a", "10.0.0.0/24"));
    }
}
