using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>Who is dead loses its addresses when somebody needs them, who is alive never does (P1, P2).</summary>
public sealed class ReclaimTests : IDisposable
{
    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    // checklist.txt, C29.
    [Theory]
    [InlineData("same")]
    [InlineData("another")]
    public void A_second_add_of_a_live_attachment_fails_and_leaves_the_first_alone(string netns)
    {
        string config = _network.Config();
        Pod pod = _network.Attach("pod", config);
        string masquerade = _network.Sandbox.Run("nft", "list", "ruleset");
        Pod again = netns == "same" ? pod : new Pod(_network.Sandbox, pod.ContainerId, Pod.Create(_network.Sandbox, "elsewhere").Netns);
        NodeState before = NodeState.Of(_network.Sandbox);

        _ = _network.Plugin.Add("bridge", config, again).ExpectError(code: 103);

        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        Assert.Equal(masquerade, _network.Sandbox.Run("nft", "list", "ruleset"));
        Assert.Equal([LeaseFiles.Line(pod)], _network.Leases.Held());
        pod.AssertReaches(HostileNetwork.Gateway);
        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.Empty(_network.Leases.Held());
    }

    // nerdctl after a reboot or crash, podman: the container keeps its ID and gets a new namespace.
    [Fact]
    public void A_dead_attachment_is_replaced_by_one_of_the_same_key()
    {
        string config = _network.Config(from: 10, to: 10);
        Pod pod = _network.Attach("pod", config);
        _network.Kill(pod);
        Pod again = new(_network.Sandbox, pod.ContainerId, Pod.Create(_network.Sandbox, "again").Netns);

        _ = _network.Plugin.Add("bridge", config, again).ExpectSuccess();

        again.AssertReaches(HostileNetwork.Gateway);
        Assert.Equal([LeaseFiles.Line(again)], _network.Leases.Held());
        _ = _network.Plugin.Delete("bridge", config, again).ExpectSuccess();
        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
    }

    // The cached result that a runtime sends with DEL may be older than the attachment.
    [Fact]
    public void Del_with_a_stale_result_after_the_namespace_died_leaves_no_element()
    {
        string config = _network.Config();
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        PluginResult first = _network.Plugin.Add("bridge", config, pod).ExpectSuccess();
        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        _ = _network.Plugin.Add("bridge", config, pod).ExpectSuccess();
        Assert.NotEqual(HostileNetwork.AddressOf(first), pod.Address());
        _network.Kill(pod);

        _ = _network.Plugin.Run("bridge", "DEL", first.WithPrevResult(config), pod.ContainerId, "", "eth0").ExpectSuccess();

        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
        Assert.Empty(_network.Leases.Held());
    }

    // P3, P24: 253 pods, one by one and eight at a time would be the same; what counts is the last.
    [Fact]
    public void A_range_is_given_to_its_last_address_and_says_when_it_is_full()
    {
        string config = _network.Config(ipam: """, "statusOnExhaustion": true""");
        const int Capacity = 253;
        string file = _network.Sandbox.WriteFile("config.json", config);
        // host-local alone gives them: only its leases count here.
        string output = _network.Sandbox.Run("bash", "-euc", $$"""
            ip netns add pod
            export CNI_COMMAND=ADD CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH={{_network.Plugin.Directory}}
            for i in {1..{{Capacity}}}; do CNI_CONTAINERID=c$i $CNI_PATH/host-local <{{file}} | grep -o '10[.0-9]*/24'; done
            """);
        Assert.Equal(Capacity, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());

        // The namespace of all of them is there, whatever is in it; once it is gone they are dead as soon as somebody needs an address.
        _ = _network.Plugin.Run("bridge", "STATUS", config).ExpectError(code: 50);
        Pod pod = Pod.Create(_network.Sandbox, "late");
        _ = _network.Plugin.Add("bridge", config, pod).ExpectError(code: 102);
        _ = _network.Sandbox.Run("ip", "netns", "delete", "pod");
        _ = _network.Plugin.Add("bridge", config, pod).ExpectSuccess();
        Assert.Equal([LeaseFiles.Line(pod)], _network.Leases.Held());
    }

    [Fact]
    public void A_full_range_of_live_pods_gives_nothing_until_one_goes()
    {
        string config = _network.Config(from: 10, to: 13);
        Pod[] pods = [.. Enumerable.Range(0, 4).Select(number => _network.Attach($"pod{number}", config))];
        string freed = pods[2].Address();
        Pod late = Pod.Create(_network.Sandbox, "late");

        string message = _network.Plugin.Add("bridge", config, late).ExpectError(code: 102);
        Assert.Contains("4 of 4", message, StringComparison.Ordinal);
        Assert.Contains("10.35.0.10-10.35.0.13", message, StringComparison.Ordinal);
        Assert.Contains(
            "10.35.0.10-10.35.0.13", _network.Plugin.Run("bridge", "STATUS", config).ExpectSuccess().Error, StringComparison.Ordinal);

        _ = _network.Plugin.Delete("bridge", config, pods[2]).ExpectSuccess();
        Assert.Equal(freed, HostileNetwork.AddressOf(_network.Plugin.Add("bridge", config, late).ExpectSuccess()));
    }

    [Fact]
    public void Dead_pods_make_room_when_the_range_is_full()
    {
        string config = _network.Config(from: 10, to: 12);
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number => _network.Attach($"pod{number}", config))];
        _network.Kill(pods[0]);
        _network.Kill(pods[2]);

        Pod[] late = [.. Enumerable.Range(0, 2).Select(number => _network.Attach($"late{number}", config))];

        Assert.Equal(late.Append(pods[1]).Select(LeaseFiles.Line).Order(StringComparer.Ordinal), _network.Leases.Held());
        _ = _network.Plugin.Add("bridge", config, Pod.Create(_network.Sandbox, "one-too-many")).ExpectError(code: 102);
    }

    // checklist.txt, C55.
    [Fact]
    public void Two_interfaces_of_one_container_are_two_attachments()
    {
        string config = _network.Config();
        Pod first = _network.Attach("pod", config);
        Pod second = new(_network.Sandbox, first.ContainerId, first.Netns, "net1");
        _ = _network.Plugin.Add("bridge", config, second).ExpectSuccess();
        Assert.NotEqual(first.Address(), second.Address());

        _ = _network.Plugin.Delete("bridge", config, first).ExpectSuccess();

        Assert.Equal([LeaseFiles.Line(second)], _network.Leases.Held());
        second.AssertReaches(HostileNetwork.Gateway);
        _ = _network.Plugin.Run("bridge", "GC", HostileNetwork.WithValid(config, first)).ExpectSuccess();
        Assert.Empty(_network.Leases.Held());
        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
    }

    [Fact]
    public void A_requested_address_is_taken_from_the_dead_but_not_from_the_living()
    {
        string config = _network.Config();
        string wanting = _network.Config(bridge: """, "args": { "cni": { "ips": ["10.35.0.50"] } } """);
        Pod holder = _network.Attach("holder", wanting);
        Pod late = Pod.Create(_network.Sandbox, "late");

        Assert.Contains("10.35.0.50", _network.Plugin.Add("bridge", wanting, late).ExpectError(code: 103), StringComparison.Ordinal);
        holder.AssertReaches(HostileNetwork.Gateway);
        _network.Kill(holder);
        _ = _network.Plugin.Run(
            "bridge", "ADD", config, late.ContainerId, late.Netns, "eth0", args: "IgnoreUnknown=1;IP=10.35.0.50").ExpectSuccess();

        Assert.Equal("10.35.0.50", late.Address());
        Assert.Equal([LeaseFiles.Line(late)], _network.Leases.Held());
    }
}
