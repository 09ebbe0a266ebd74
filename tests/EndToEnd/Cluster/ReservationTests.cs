using System.Net;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>An address that is reserved is given to no pod, on whichever host its block is.</summary>
public sealed class ReservationTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _first;
    private readonly ClusterHost _second;

    public ReservationTests() => (_first, _second) = (_cluster.Hosts[0], _cluster.Hosts[1]);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Reserved_address_is_given_to_nobody_until_it_is_free_again()
    {
        // The node's address and three of pods.
        _cluster.CreateNetwork("pods", "--pool", "10.244.0.0/16", "--ipv4-block-length", "30");
        IPAddress block = IPAddress.Parse(BlockOf(_second).Split('/')[0]);
        string reserved = After(block, 2);

        string answer = _first.Ctl("reserve", reserved, "--comment", "the printer").Expect(exitCode: 0).Output;

        Assert.Equal($"{reserved} of network pods reserved; node host2, which has its block, gives it to nobody\n", answer);
        string line = _second.Ctl("reservations").Output.Split('\n')[1];
        Assert.Equal(["pods", reserved, "kept", "host2", "the", "printer"], line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] given = [.. Enumerable.Range(1, 2).Select(i => _second.Attach($"pod{i}").Address())];
        Assert.Equal([After(block, 1), After(block, 3)], given.Order(StringComparer.Ordinal));

        _ = _second.Ctl("unreserve", reserved).Expect(exitCode: 0);
        ClusterSandbox.Until(
            "the list excludes it no more",
            () => !_second.ReadList("pods")!.Contains("exclude", StringComparison.Ordinal),
            _second.Describe);
        Assert.Equal("NETWORK  ADDRESS  STATE  NODE  COMMENT\n", _first.Ctl("reservations").Output);
    }

    [Fact]
    public void Address_that_cannot_be_reserved_is_named_with_the_reason()
    {
        _cluster.CreateNetwork("pods", "--pool", "10.244.0.0/16", "--pool", "fd00:244::/48");
        string node = BlockOf(_second).Split('/')[0];
        Pod pod = _second.Attach("pod");

        AssertRefused(["reserve", "10.1.0.9"], "10.1.0.9 is outside of every network's pools (10.244.0.0/16, fd00:244::/48)");
        AssertRefused(["reserve", "10.244.0.9", "--network", "web"], "there is no network web", "cnictl network list");
        AssertRefused(["reserve", "printer"], "\"printer\" is no IP address", "write it as");
        AssertRefused(["reserve", "10.244.0.0"], "10.244.0.0 is the gateway of the pods of network pods");
        AssertRefused(["reserve", node], $"{node} is the address of the node that has block {node}/26");
        AssertRefused(["reserve", pod.Address()], $"{pod.Address()} is held by container pod on node host2", "delete that pod");
        AssertRefused(["reserve", pod.Address(IpFamily.IPv6)], "is held by container pod on node host2");
        AssertRefused(["unreserve", "10.244.0.9"], "10.244.0.9 is not reserved", "cnictl reservations");
        // Nobody's block yet.
        Assert.Contains(
            "no node has its block yet", _first.Ctl("reserve", "10.244.255.9").Expect(exitCode: 0).Output, StringComparison.Ordinal);
        AssertRefused(["reserve", "10.244.255.9"], "10.244.255.9 of network pods is reserved already");
        Assert.DoesNotContain("exclude", _second.ReadList("pods"), StringComparison.Ordinal);
    }

    private void AssertRefused(string[] command, params string[] parts)
    {
        CommandResult refused = _first.Ctl(command).Expect(exitCode: 1);
        _ = Assert.Single(refused.Error.Trim().Split('\n'));
        Assert.All(parts, part => Assert.Contains(part, refused.Error, StringComparison.Ordinal));
    }

    private static string After(IPAddress address, int count) =>
        IpText.Format(IpText.FromUInt128(address.ToUInt128() + (UInt128)count, address.Family));

    private static string BlockOf(ClusterHost host) => host.Ctl("blocks").Output.Split('\n')
        .First(line => line.Contains($" {host.Name} ", StringComparison.Ordinal) && line.Contains("10.244.", StringComparison.Ordinal))
        .Split(' ')[^1];
}
