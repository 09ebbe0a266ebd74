using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

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
}
