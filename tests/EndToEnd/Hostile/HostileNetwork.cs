using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>A masqueraded bridge network in a sandbox, whose leases lie where the tests can reach them.</summary>
public sealed class HostileNetwork : IDisposable
{
    public const string Name = "hostile";
    public const string Gateway = "10.35.0.1";

    public HostileNetwork()
    {
        Sandbox = RuntimeSandbox.Start();
        Plugin = new PluginProcess(Sandbox);
        DataDir = Path.Combine(Sandbox.Directory, "networks");
        Leases = new LeaseFiles(DataDir, Name);
    }

    public RuntimeSandbox Sandbox { get; }

    public PluginProcess Plugin { get; }

    public string DataDir { get; }

    public LeaseFiles Leases { get; }

    /// <summary>The configuration of the bridge.</summary>
    /// <param name="from">The last part of the first address that is given.</param>
    /// <param name="to">That of the last one.</param>
    /// <param name="name">The network's name.</param>
    /// <param name="ipam">Further members of <c>ipam</c>, each behind a comma.</param>
    /// <param name="bridge">Further members of the plugin itself, likewise.</param>
    public string Config(int from = 2, int to = 254, string name = Name, string ipam = "", string bridge = "") => $$"""
        {
          "cniVersion": "1.1.0", "name": "{{name}}", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true{{bridge}},
          "ipam": {
            "type": "host-local", "dataDir": "{{DataDir}}",
            "subnet": "10.35.0.0/24", "rangeStart": "10.35.0.{{from}}", "rangeEnd": "10.35.0.{{to}}"{{ipam}}
          }
        }
        """;

    /// <summary>The configuration of a GC that spares some pods.</summary>
    public static string WithValid(string config, params IEnumerable<Pod> pods)
    {
        string valid = string.Join(
            ", ", pods.Select(pod => $$"""{ "containerID": "{{pod.ContainerId}}", "ifname": "{{pod.InterfaceName}}" }"""));
        return config.Insert(config.LastIndexOf('}'), $$""", "cni.dev/valid-attachments": [{{valid}}]""");
    }

    /// <summary>Makes a pod and attaches it.</summary>
    public Pod Attach(string name, string config)
    {
        Pod pod = Pod.Create(Sandbox, name);
        _ = Plugin.Add("bridge", config, pod).ExpectSuccess();
        return pod;
    }

    /// <summary>
    /// Ends a pod without DEL, as a crash does, until nothing of it is left in the kernel but what DEL would have to remove.
    /// </summary>
    public void Kill(Pod pod)
    {
        pod.Delete();
        // With the namespace goes the link, in the kernel's own time.
        _ = Sandbox.TryRun("ip", "link", "delete", OurPlugins.HostInterface(Name, pod));
    }

    /// <summary>Makes pods, cheaply.</summary>
    public IReadOnlyList<Pod> CreatePods(string prefix, int count)
    {
        _ = Sandbox.Run("bash", "-euc", $"for i in {{0..{count - 1}}}; do ip netns add {prefix}$i; done");
        return [.. Enumerable.Range(0, count).Select(number => new Pod(Sandbox, $"{prefix}{number}", $"/run/netns/{prefix}{number}"))];
    }

    /// <summary>The only address of an ADD's result, without its length.</summary>
    public static string AddressOf(PluginResult added)
    {
        JsonElement ips = added.Json.GetProperty("ips");
        Assert.Equal(1, ips.GetArrayLength());
        return ips[0].GetProperty("address").GetString()!.Split('/')[0];
    }

    public void Dispose() => Sandbox.Dispose();
}
