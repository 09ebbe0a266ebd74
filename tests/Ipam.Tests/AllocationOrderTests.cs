using Linux.Addresses;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

/// <summary>Which address comes next.</summary>
public class AllocationOrderTests
{
    // held: addresses that others hold; last: the one that was given last ("" for none).
    [Theory]
    [InlineData("10.0.0.0/29", "", "", "10.0.0.2")]
    [InlineData("2001:db8:1::/64", "", "", "2001:db8:1::2")]
    [InlineData("10.0.0.0/30", "", "", "10.0.0.2")]
    [InlineData("10.0.0.0/29", "10.0.0.2", "", "10.0.0.3")]
    [InlineData("10.0.0.0/29", "", "10.0.0.4", "10.0.0.5")]
    [InlineData("10.0.0.0/29", "10.0.0.4 10.0.0.5", "10.0.0.3", "10.0.0.6")]
    [InlineData("10.0.0.0/29", "10.0.0.4", "10.0.0.3", "10.0.0.5")]
    [InlineData("10.0.0.0/29", "10.0.0.5 10.0.0.6", "10.0.0.4", "10.0.0.2")]
    [InlineData("10.0.0.0/29", "10.0.0.2 10.0.0.6", "10.0.0.5", "10.0.0.3")]
    [InlineData("10.0.0.0/29", "", "10.0.0.128", "10.0.0.2")]
    [InlineData("10.0.0.0/29", "10.0.0.2 10.0.0.4 10.0.0.5 10.0.0.6", "10.0.0.3", "10.0.0.3")]
    [InlineData("10.0.0.0/30,10.0.1.0/30", "10.0.0.2", "10.0.0.2", "10.0.1.2")]
    [InlineData("10.0.0.0/30,10.0.1.0/30", "10.0.1.2", "10.0.1.2", "10.0.0.2")]
    [InlineData("10.0.0.0/30,10.0.1.0/30,10.0.2.0/30", "10.0.0.2", "10.0.1.2", "10.0.2.2")]
    [InlineData("10.0.0.0/24=10.0.0.10-10.0.0.20", "", "", "10.0.0.10")]
    [InlineData("10.0.0.0/24=10.0.0.10-10.0.0.20", "", "10.0.0.20", "10.0.0.10")]
    [InlineData("10.0.0.0/24=10.0.0.10-10.0.0.12,10.0.1.0/30", "", "10.0.0.12", "10.0.1.2")]
    [InlineData("10.0.0.0/29@10.0.0.3", "", "10.0.0.2", "10.0.0.4")]
    [InlineData("10.0.0.0/29=10.0.0.2-10.0.0.4@10.0.0.4", "", "10.0.0.3", "10.0.0.2")]
    [InlineData("255.255.255.248/29=255.255.255.253-255.255.255.255", "255.255.255.253", "255.255.255.253", "255.255.255.254")]
    [InlineData("255.255.255.254/31", "255.255.255.254", "255.255.255.254", "255.255.255.255")]
    [InlineData("10.0.0.0/29!10.0.0.2/31", "", "", "10.0.0.4")]
    [InlineData("10.0.0.0/29!10.0.0.3/32", "", "10.0.0.2", "10.0.0.4")]
    [InlineData("10.0.0.0/29!10.0.0.6/32", "", "10.0.0.5", "10.0.0.2")]
    [InlineData("10.0.0.0/16!10.0.0.0/17", "", "", "10.0.128.0")]
    [InlineData(
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120",
        "",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff02")]
    [InlineData("::/0=::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::2")]
    [InlineData("10.0.0.0/8", "", "10.0.63.255", "10.0.64.0")]
    public void Next_address_follows_the_last_one_round_robin(string set, string held, string last, string expected)
    {
        using TestNetwork network = new();
        foreach (string address in held.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            network.WriteReference(address, "holder-" + address.Replace(':', '-') + "\r\neth0");
        if (last.Length > 0)
            network.WriteReference("last_reserved_ip.0", last);
        Assert.Equal(expected, network.Add("new", set).Split('/')[0]);
    }

    [Fact]
    public void Addresses_are_given_in_order_and_the_broadcast_address_never()
    {
        using TestNetwork network = new();
        string[] given = [.. Enumerable.Range(2, 253).Select(i => network.Add($"id{i}", "192.168.1.0/24"))];
        Assert.Equal(Enumerable.Range(2, 253).Select(i => $"192.168.1.{i}/24"), given);
        IpamException full = Assert.Throws<IpamException>(() => network.Add("one-more", "192.168.1.0/24"));
        Assert.Equal(IpamErrorKind.RangeExhausted, full.Kind);
        Assert.Contains("192.168.1.1-192.168.1.254", full.Message, StringComparison.Ordinal);
        Assert.Contains("253 of 253", full.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/24=10.0.0.0-10.0.0.255", 253)]
    [InlineData("10.0.0.0/31", 2)]
    [InlineData("10.0.0.9/32", 1)]
    [InlineData("2001:db8::/127", 2)]
    [InlineData("2001:db8::/126", 2)]
    [InlineData("10.0.0.0/28!10.0.0.8/29", 6)]
    public void Every_address_that_may_be_given_is_given_once(string set, int count)
    {
        using TestNetwork network = new();
        HashSet<string> given = [.. Enumerable.Range(0, count).Select(i => network.Add($"id{i}", set))];
        Assert.Equal(count, given.Count);
        Assert.DoesNotContain("10.0.0.0/24", given);
        Assert.DoesNotContain("10.0.0.255/24", given);
        IpamException full = Assert.Throws<IpamException>(() => network.Add("one-more", set));
        Assert.Contains($"{count} of {count} are held", full.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/24=10.0.0.0-10.0.0.255", "10.0.0.0")]
    [InlineData("10.0.0.0/24=10.0.0.0-10.0.0.255", "10.0.0.255")]
    [InlineData("10.0.0.0/24!10.0.0.64/26", "10.0.0.70")]
    public void Address_that_is_never_given_is_not_given_on_request(string set, string address)
    {
        using TestNetwork network = new();
        Assert.Equal(IpamErrorKind.AddressNotInRange, Assert.Throws<IpamException>(() => network.Add("a", set, address)).Kind);
    }

    [Fact]
    public void Released_address_rests_until_the_range_wraps()
    {
        using TestNetwork network = new();
        Assert.Equal("10.0.0.2/29", network.Add("a", "10.0.0.0/29"));
        Assert.Equal("10.0.0.2", network.Del("a"));
        Assert.Equal("10.0.0.3/29", network.Add("b", "10.0.0.0/29"));
        Assert.Equal("10.0.0.4/29", network.Add("c", "10.0.0.0/29"));
        Assert.Equal("10.0.0.5/29", network.Add("d", "10.0.0.0/29"));
        Assert.Equal("10.0.0.6/29", network.Add("e", "10.0.0.0/29"));
        Assert.Equal("10.0.0.2/29", network.Add("f", "10.0.0.0/29"));
    }

    [Fact]
    public void Last_free_address_is_found_and_then_the_range_is_full()
    {
        using TestNetwork network = new();
        foreach (string id in (string[])["a", "b", "c", "d", "e"])
            _ = network.Add(id, "10.0.0.0/29");
        _ = network.Del("c");
        Assert.Equal("10.0.0.4/29", network.Add("f", "10.0.0.0/29"));
        _ = network.Del("f");
        Assert.Equal("10.0.0.4/29", network.Add("g", "10.0.0.0/29"));
        Assert.Throws<IpamException>(() => network.Add("h", "10.0.0.0/29"));
    }

    [Theory]
    [InlineData("10.0.0.0/30")]
    [InlineData("10.0.0.0/30,10.0.1.0/30")]
    [InlineData("10.0.0.0/24=10.0.0.10-10.0.0.12,2.0.0.0/30")]
    public void Exhaustion_names_every_range_of_the_set(string set)
    {
        using TestNetwork network = new();
        RangeSet ranges = Sets(set)[0];
        for (int i = 0; i < (int)ranges.Capacity; i++)
            _ = network.Add($"id{i}", set);
        IpamException full = Assert.Throws<IpamException>(() => network.Add("one-more", set));
        Assert.Equal(IpamErrorKind.RangeExhausted, full.Kind);
        Assert.Contains($"no IP addresses available in range set 0 ({ranges})", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_range_goes_on_where_the_old_one_was_and_meets_no_old_lease()
    {
        using TestNetwork network = new();
        Assert.Equal("10.0.0.2/24", network.Add("a", "10.0.0.0/24"));
        Assert.Equal("10.0.0.3/16", network.Add("b", "10.0.0.0/16"));
        Assert.Equal("10.0.0.4/24", network.Add("c", "10.0.0.0/24=10.0.0.2-10.0.0.9"));
        Assert.Equal(
            ["10.0.0.2", "10.0.0.3", "10.0.0.4"],
            network.Store.List().SelectMany(lease => lease.Addresses).Select(leased => IpText.Format(leased.Address)).Order());
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Range_set_keeps_its_place_when_others_are_put_before_it()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24 10.1.0.0/24");
        _ = network.Del("a");
        Assert.Equal("10.9.0.2/24 10.1.0.3/24 10.0.0.3/24", network.Add("b", "10.9.0.0/24 10.1.0.0/24 10.0.0.0/24"));
    }

    [Fact]
    public void Full_blocks_are_passed_over_in_a_range_of_many()
    {
        using TestNetwork network = new();
        // A /17 is two blocks; all of the first and the start of the second are held.
        network.Evidence.InKernel.AddRange(Enumerable.Range(0, 300).Select(i => new Lease
        {
            Key = Key($"id{i}"),
            CreatedAt = DateTimeOffset.UnixEpoch,
            Addresses =
            [
                .. Enumerable.Range(i * 55, 55)
                    .Where(n => n is > 1 and < 16390)
                    .Select(n => new LeasedAddress(-1, IpText.FromUInt128(0x0A000000u + (uint)n, IpFamily.IPv4))),
            ],
        }).Where(lease => lease.Addresses.Count > 0));
        Assert.Equal("10.0.64.6/17", network.Add("a", "10.0.0.0/17"));
        Assert.Equal("10.0.64.7/17", network.Add("b", "10.0.0.0/17"));
        Assert.Empty(network.Store.Verify());
    }
}
