using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Hostile;

/// <summary>Beside the reference's plugins (Debian's): a switch while pods run, and delegation in both directions.</summary>
public sealed class ReferenceTests : IDisposable
{
    private readonly HostileNetwork _network = new();
    private readonly PluginProcess _reference;

    public ReferenceTests() => _reference = PluginProcess.OfReference(_network.Sandbox, "bridge", "host-local", "static", "ptp");

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Pods_of_the_reference_keep_their_addresses_after_the_switch_and_are_deleted_by_ours()
    {
        string config = Config(from: 10, to: 15);
        Pod[] old = [.. Enumerable.Range(0, 3).Select(number => Pod.Create(_network.Sandbox, $"old{number}"))];
        foreach (Pod pod in old)
            _ = _reference.Add("bridge", config, pod).ExpectSuccess();
        Assert.Equal(3, ReferenceFiles().Length);

        Pod[] ours = [.. Enumerable.Range(0, 3).Select(number => _network.Attach($"new{number}", config))];

        Assert.Equal(6, old.Concat(ours).Select(pod => pod.Address()).Distinct().Count());
        // It went on behind the reference's last one.
        Assert.Equal("10.35.0.13", ours[0].Address());
        Pod late = Pod.Create(_network.Sandbox, "late");
        _ = _network.Plugin.Add("bridge", config, late).ExpectError(code: 102);
        ours[0].AssertReaches(old[0].Address());
        string freed = old[1].Address();
        _ = _network.Plugin.Delete("bridge", config, old[1]).ExpectSuccess();
        Assert.NotEqual(0, old[1].TryRun("ip", "link", "show", "dev", "eth0").ExitCode);
        Assert.Equal(2, ReferenceFiles().Length);
        Assert.Equal(freed, HostileNetwork.AddressOf(_network.Plugin.Add("bridge", config, late).ExpectSuccess()));

        string gc = HostileNetwork.WithValid(config, ours.Append(late).Append(old[0]))
            .Replace("\"1.0.0\"", "\"1.1.0\"", StringComparison.Ordinal);
        _ = _network.Plugin.Run("bridge", "GC", gc).ExpectSuccess();
        Assert.Equal([old[0].Address()], ReferenceFiles());
        foreach (Pod pod in (Pod[])[old[0], .. ours, late])
            _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.Empty(ReferenceFiles());
        Assert.Empty(_network.Leases.Held());
    }

    // The way back: what the reference had given stays in its files until our DEL, so it cannot give that again.
    [Fact]
    public void The_reference_finds_its_own_pods_again()
    {
        string config = Config(from: 10, to: 12);
        Pod old = Pod.Create(_network.Sandbox, "old");
        _ = _reference.Add("bridge", config, old).ExpectSuccess();
        Pod ours = _network.Attach("ours", config);
        _ = _network.Plugin.Delete("bridge", config, ours).ExpectSuccess();

        Pod[] back = [.. Enumerable.Range(0, 2).Select(number => Pod.Create(_network.Sandbox, $"back{number}"))];
        foreach (Pod pod in back)
            _ = _reference.Add("bridge", config, pod).ExpectSuccess();

        Assert.Equal(3, back.Append(old).Select(pod => pod.Address()).Distinct().Count());
        _ = _reference.Delete("bridge", config, old).ExpectSuccess();
    }

    // Its files stay where they are, whoever wrote last: a file of somebody else's under an imported address is not removed.
    [Fact]
    public void A_file_that_changed_hands_is_left_alone()
    {
        string config = Config(from: 10, to: 15);
        Pod old = Pod.Create(_network.Sandbox, "old");
        _ = _reference.Add("bridge", config, old).ExpectSuccess();
        _ = _network.Attach("ours", config);
        File.WriteAllText(Path.Combine(_network.Leases.Directory, "10.35.0.10"), "somebody-else\r\neth0");

        _ = _network.Plugin.Delete("bridge", config, old).ExpectSuccess();

        Assert.Equal(["10.35.0.10"], ReferenceFiles());
    }

    [Fact]
    public void Our_bridge_executes_the_reference_host_local()
    {
        string config = Config(from: 10, to: 11).Replace("\"1.0.0\"", "\"0.4.0\"", StringComparison.Ordinal);
        Dictionary<string, string?> path = new() { ["CNI_PATH"] = _reference.Directory };
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        PluginResult added = _network.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path)
            .ExpectSuccess();
        pod.AssertReaches(HostileNetwork.Gateway);
        Assert.Equal(["10.35.0.10"], ReferenceFiles());
        _ = _network.Plugin.Run("bridge", "CHECK", added.WithPrevResult(config), pod.ContainerId, pod.Netns, "eth0", extraEnv: path)
            .ExpectSuccess();
        // checklist.txt, C29 through a delegate: the address of the live attachment stays.
        _ = _network.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path).ExpectError(code: 103);
        Assert.Equal(["10.35.0.10"], ReferenceFiles());
        _ = _network.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path).ExpectSuccess();

        Assert.Empty(ReferenceFiles());
        Assert.DoesNotContain("veth", _network.Sandbox.Run("ip", "-o", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public void Our_bridge_executes_static()
    {
        string config = $$"""
            {
              "cniVersion": "1.0.0", "name": "hostile", "type": "bridge", "isGateway": true,
              "ipam": {
                "type": "static", "addresses": [{ "address": "10.35.0.77/24", "gateway": "10.35.0.1" }, { "address": "fd35::77/64" }],
                "routes": [{ "dst": "0.0.0.0/0" }], "dns": { "nameservers": ["10.35.0.1"] }
              }
            }
            """;
        Dictionary<string, string?> path = new() { ["CNI_PATH"] = _reference.Directory };
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        PluginResult added = _network.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path)
            .ExpectSuccess();

        Assert.Equal("10.35.0.1", added.Json.GetProperty("dns").GetProperty("nameservers")[0].GetString());
        pod.AssertReaches(HostileNetwork.Gateway);
        Assert.Equal("fd35::77", pod.Address(IpFamily.IPv6));
        _ = _network.Plugin.Run("bridge", "CHECK", added.WithPrevResult(config), pod.ContainerId, pod.Netns, "eth0", extraEnv: path)
            .ExpectSuccess();
        _ = _network.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path).ExpectSuccess();
    }

    [Theory]
    [InlineData("bridge")]
    [InlineData("ptp")]
    public void The_reference_executes_our_host_local(string type)
    {
        string config = Config(from: 10, to: 11).Replace("\"type\": \"bridge\"", $"\"type\": \"{type}\"", StringComparison.Ordinal);
        Dictionary<string, string?> path = new() { ["CNI_PATH"] = _network.Plugin.Directory };
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number => Pod.Create(_network.Sandbox, $"pod{number}"))];

        PluginResult[] added =
            [.. pods.Select(pod => _reference.Run(type, "ADD", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path))];

        Assert.Equal(["10.35.0.10", "10.35.0.11"], added[..2].Select(HostileNetwork.AddressOf));
        Assert.Contains("no IP addresses available", added[2].Output, StringComparison.Ordinal);
        pods[0].AssertReaches(HostileNetwork.Gateway);
        Assert.Equal(pods[..2].Select(LeaseFiles.Line), _network.Leases.Held());
        _ = _reference.Run(type, "CHECK", added[0].WithPrevResult(config), pods[0].ContainerId, pods[0].Netns, "eth0", extraEnv: path)
            .ExpectSuccess();
        foreach (Pod pod in pods)
            _ = _reference.Run(type, "DEL", config, pod.ContainerId, pod.Netns, "eth0", extraEnv: path).ExpectSuccess();
        Assert.Empty(_network.Leases.Held());
        Assert.Empty(ReferenceFiles());
    }

    private string Config(int from, int to) => $$"""
        {
          "cniVersion": "1.0.0", "name": "hostile", "type": "bridge", "bridge": "cni0", "isGateway": true,
          "ipam": {
            "type": "host-local", "dataDir": "{{_network.DataDir}}",
            "subnet": "10.35.0.0/24", "rangeStart": "10.35.0.{{from}}", "rangeEnd": "10.35.0.{{to}}"
          }
        }
        """;

    private string[] ReferenceFiles() =>
        [
            .. Directory.EnumerateFiles(_network.Leases.Directory, "10.*")
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal),
        ];
}
