using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// SIGKILL at any instant of ADD and DEL, 1,000 times: what is left goes with the next DEL, and no address is lost or given twice (P1,
/// C42).
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 250;
    private const int Bystanders = 3;
    private const int Addresses = 8;

    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    // Two at a time, so that one is killed while the other waits for its lock; the moments are spread evenly over the duration of a call.
    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public void Nothing_is_left_of_a_killed_call_after_the_next_del(string verb)
    {
        // Wide, so that a lost address stays lost to the end instead of being reclaimed on demand.
        string config = _network.Config(from: 10);
        Pod[] bystanders = [.. Enumerable.Range(0, Bystanders).Select(number => _network.Attach($"bystander{number}", config))];
        Pod[] lanes = [.. Enumerable.Range(0, 2).Select(number => Pod.Create(_network.Sandbox, $"lane{number}"))];
        // The first one makes what stays.
        _ = _network.Plugin.Add("bridge", config, lanes[0]).ExpectSuccess();
        _ = _network.Plugin.Delete("bridge", config, lanes[0]).ExpectSuccess();
        NodeState before = NodeState.Of(_network.Sandbox);

        new KillRounds(_network.Sandbox, _network.Plugin, verb, Kills).Run(config, lanes);

        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        Assert.Equal(bystanders.Select(LeaseFiles.Line).Order(StringComparer.Ordinal), _network.Leases.Held());
        Assert.Empty(_network.Leases.SetAside);
        foreach (Pod bystander in bystanders)
            bystander.AssertReaches(HostileNetwork.Gateway);
        string narrow = _network.Config(from: 10, to: 10 + Addresses - 1);
        Pod[] others = [.. Enumerable.Range(0, Addresses - Bystanders).Select(number => _network.Attach($"other{number}", narrow))];
        Assert.Equal(Addresses, others.Concat(bystanders).Select(pod => pod.Address()).Distinct().Count());
    }
}
