using Ipam.Store;
using Linux.Addresses;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

public class LeaseBucketTests
{
    [Fact]
    public void Leases_come_back_as_they_were_added()
    {
        LeaseBucket bucket = new();
        Lease[] leases =
        [
            .. Enumerable.Range(0, 300).Select(i => new Lease
            {
                Key = Key($"container-{i}", i % 3 == 0 ? "" : $"eth{i}"),
                NetNS = i % 5 == 0 ? "" : "/run/netns/größe " + i,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000 + i),
                Imported = i % 7 == 0,
                Origin = i % 2 == 0 ? default : new LeaseOrigin((ulong)i, ulong.MaxValue - (ulong)i, (ulong)i << 40),
                Addresses = [new LeasedAddress(i - 1, Ip($"10.0.{i / 256}.{i % 256}")!), new LeasedAddress(1, Ip($"2001:db8::{i:x}")!)],
            }),
        ];
        foreach (Lease lease in leases)
            bucket.Add(lease);
        foreach (Lease lease in leases.Where(lease => lease.Addresses[0].RangeSet % 2 == 0))
            bucket.Remove(lease.Key);
        LeaseBucket copy = new(bucket.Bytes);
        Lease[] expected = [.. leases.Where(lease => lease.Addresses[0].RangeSet % 2 != 0)];
        Assert.Equal(expected.Select(Text), copy.All().Select(Text));
        Assert.Equal(Text(expected[3]), Text(Assert.Single(copy.Of(expected[3].Key.ContainerId))));
        Assert.Empty(copy.Of("container"));
    }

    private static string Text(Lease lease) => $"{lease with { Addresses = [] }} {string.Join(' ', lease.Addresses)}";

    [Fact]
    public void Removing_one_interface_keeps_the_others()
    {
        LeaseBucket bucket = new();
        foreach (string ifName in (string[])["eth0", "eth1", ""])
            bucket.Add(Found("a", "10.0.0.1") with { Key = Key("a", ifName) });
        bucket.Remove(Key("a", "eth1"));
        bucket.Remove(Key("a", "eth2"));
        Assert.Equal(["eth0", ""], bucket.Of("a").Select(lease => lease.Key.IfName));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(12_000)]
    public void Lease_of_any_number_of_addresses_comes_back_whole(int count)
    {
        LeaseBucket bucket = new();
        string[] addresses =
        [
            .. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}" : $"2001:db8::{i:x}"),
        ];
        bucket.Add(Found("before", "192.0.2.1"));
        bucket.Add(Found("a", addresses));
        bucket.Add(Found("behind", "192.0.2.2"));
        Assert.Equal(["before", "a", "behind"], bucket.All().Select(lease => lease.Key.ContainerId));
        Assert.Equal(addresses, Assert.Single(bucket.Of("a")).Addresses.Select(leased => IpText.Format(leased.Address)));
        bucket.Remove(Key("a"));
        Assert.Equal(["before", "behind"], bucket.All().Select(lease => lease.Key.ContainerId));
    }

    [Fact]
    public void Records_of_a_damaged_bucket_are_found_behind_the_damage()
    {
        LeaseBucket bucket = new();
        for (int i = 0; i < 20; i++)
            bucket.Add(Found($"container-{i}", $"10.0.0.{i + 2}"));
        byte[] damaged = [.. bucket.Bytes];
        int record = LeaseBucket.Encode(Found("container-5", "10.0.0.7")).Length;
        new Random(1).NextBytes(damaged.AsSpan(4 + (5 * record), 8));
        Assert.Equal(
            Enumerable.Range(0, 20).Where(i => i != 5).Select(i => $"container-{i} eth0"),
            LeaseBucket.Salvage(damaged).Select(lease => lease.Key.ToString()));
        Assert.Empty(LeaseBucket.Salvage(new byte[500]));
    }

    [Fact]
    public void Growing_leaves_room_so_that_few_pages_hold_a_bucket()
    {
        LeaseBucket bucket = new();
        HashSet<int> capacities = [];
        for (int i = 0; i < 200; i++)
        {
            bucket.Add(Found($"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc{i:x3}", "10.0.0.1"));
            _ = capacities.Add(bucket.Bytes.Length);
        }
        Assert.Equal([128, 512, 2048, 8192, 16192, 24192], capacities);
    }

    // Of a binary before leases told where they were asked for: a byte that said "imported" stands where the flags are.
    [Theory]
    [InlineData("00", false)]
    [InlineData("01", true)]
    public void A_record_without_an_origin_can_be_read(string imported, bool isImported)
    {
        Lease lease = LeaseBucket.Decode(
            Convert.FromHexString(
                $"2400" + "0100" + "61" + "0400" + "65746830" + "0300" + "2f6e73" + "0102030000000000" + imported + "01" + "0000" + "04"
                    + "0a000002"));
        Assert.Equal((Key("a"), "/ns", isImported, default), (lease.Key, lease.NetNS, lease.Imported, lease.Origin));
        Assert.Equal(Ip("10.0.0.2"), Assert.Single(lease.Addresses).Address);
    }
}
