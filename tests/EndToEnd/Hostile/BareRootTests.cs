using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// A root directory that holds nothing but the binary with its links, /proc, /sys and /run, all else read-only, no /dev, no /tmp, no
/// environment but CNI_*: what the kubelet's distroless images leave (checklist.txt, C79).
/// </summary>
public sealed class BareRootTests : IDisposable
{
    private readonly HostileNetwork _network = new();
    private readonly PluginProcess _chrooted;

    public BareRootTests()
    {
        string root = Path.Combine(_network.Sandbox.Directory, "root");
        _ = _network.Sandbox.Run("sh", "-euc", """
            mkdir "$1"
            mount -t tmpfs tmpfs "$1"
            mkdir "$1/proc" "$1/sys" "$1/run" "$1/bin"
            cp -d "$2/cniplugin" "$2/bridge" "$2/host-local" "$2/loopback" "$1/bin"
            mount -o remount,ro,bind "$1"
            mount --rbind /proc "$1/proc"
            mount --rbind /sys "$1/sys"
            mount --rbind /run "$1/run"
            """, "sh", root, _network.Sandbox.Plugins.Path);
        _chrooted = new PluginProcess(_network.Sandbox) { Root = root, Directory = "/bin" };
    }

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Bridge_serves_every_verb()
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        const string Config = """
            {
              "cniVersion": "1.1.0", "name": "hostile", "type": "bridge", "isDefaultGateway": true, "ipMasq": true, "mtu": 1400,
              "hairpinMode": true,
              "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.35.0.0/24" }], [{ "subnet": "fd35::/64" }]] }
            }
            """;

        PluginResult added = Run("bridge", "ADD", Config, pod).ExpectSuccess();
        _ = Run("bridge", "CHECK", added.WithPrevResult(Config), pod).ExpectSuccess();
        pod.AssertReaches(HostileNetwork.Gateway);
        pod.AssertReaches("fd35::1");
        _ = Run("bridge", "ADD", Config, pod).ExpectError(code: 103);
        _ = Run("bridge", "STATUS", Config).ExpectSuccess();
        _ = Run("bridge", "VERSION", "").ExpectSuccess();
        _ = Run("bridge", "DEL", added.WithPrevResult(Config), pod).ExpectSuccess();
        _ = Run("bridge", "ADD", Config, pod).ExpectSuccess();
        _ = Run("bridge", "GC", Config).ExpectSuccess();
        _ = Run("bridge", "DEL", Config, pod).ExpectSuccess();
        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
        Assert.Contains("plugin v", Run("bridge", null, "").ExpectSuccess().Error, StringComparison.Ordinal);
        _ = Run("bridge", "ADD", "{", pod).ExpectError(code: 6);
    }

    [Fact]
    public void Host_local_and_loopback_serve_every_verb()
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        const string Addresses =
            """{ "cniVersion": "1.1.0", "name": "hostile", "type": "host-local", "ipam": { "type": "host-local", "subnet":"""
            + """ "10.35.0.0/24" } }""";
        const string Loopback = """{ "cniVersion": "1.1.0", "name": "lo", "type": "loopback" }""";

        foreach ((string type, string config) in (IEnumerable<(string, string)>)[("host-local", Addresses), ("loopback", Loopback)])
        {
            PluginResult added = Run(type, "ADD", config, pod).ExpectSuccess();
            _ = Run(type, "CHECK", added.WithPrevResult(config), pod).ExpectSuccess();
            _ = Run(type, "STATUS", config).ExpectSuccess();
            _ = Run(type, "GC", config).ExpectSuccess();
            _ = Run(type, "DEL", config, pod).ExpectSuccess();
            _ = Run(type, "VERSION", "").ExpectSuccess();
        }
    }

    [Fact]
    public void The_operator_is_answered()
    {
        CommandResult answer = _network.Sandbox.TryRun("env", "-i", "/usr/sbin/chroot", _chrooted.Root!, "/bin/cniplugin", "version");

        Assert.Matches(@"^\d+\.\d+\.\d+\n$", answer.Expect(exitCode: 0).Output);
    }

    // A damaged store is rebuilt without /dev, and with namespaces that cannot be entered from here.
    [Fact]
    public void A_damaged_store_is_rebuilt()
    {
        const string Config = """
            {
              "cniVersion": "1.1.0", "name": "hostile", "type": "bridge", "isGateway": true,
              "ipam": { "type": "host-local", "subnet": "10.35.0.0/24", "rangeStart": "10.35.0.10", "rangeEnd": "10.35.0.11" }
            }
            """;
        Pod first = Pod.Create(_network.Sandbox, "first"), second = Pod.Create(_network.Sandbox, "second");
        _ = Run("bridge", "ADD", Config, first).ExpectSuccess();
        _ = _network.Sandbox.Run(
            "sh", "-euc", "for file in /run/cni/networks/hostile/leases-*[0-9a-f].db; do tr 0-9 x <$file >/run/x; cat /run/x >$file; done");

        _ = Run("bridge", "ADD", Config, second).ExpectSuccess();

        Assert.Equal(["10.35.0.10", "10.35.0.11"], new[] { first.Address(), second.Address() }.Order(StringComparer.Ordinal));
    }

    private PluginResult Run(string type, string? verb, string config, Pod? pod = null) => _chrooted.Run(
        type,
        verb,
        config,
        pod?.ContainerId,
        pod?.Netns,
        pod?.InterfaceName,
        extraEnv: new Dictionary<string, string?> { ["PATH"] = null });
}
