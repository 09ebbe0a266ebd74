using System.Text.Json;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Conformance;

/// <summary>The node that the tests of one class share, one after the other; each takes networks and pods of its own from it.</summary>
public sealed class ConformanceNode : IDisposable
{
    private int _networks;
    private int _pods;
    private int _directories;

    public ConformanceNode() => Plugin = new PluginProcess(Sandbox);

    public RuntimeSandbox Sandbox { get; } = RuntimeSandbox.Start();

    public PluginProcess Plugin { get; }

    public void Dispose() => Sandbox.Dispose();

    /// <summary>Name, bridge and subnets that no other test of the class has.</summary>
    public TestNetwork NewNetwork() => new(++_networks);

    public Pod NewPod() => Pod.Create(Sandbox, $"pod{++_pods}");

    /// <summary>An empty directory below the sandbox's own.</summary>
    public string NewDirectory() => Directory.CreateDirectory(Path.Combine(Sandbox.Directory, $"directory{++_directories}")).FullName;

    /// <summary>An ADD of <c>bridge</c> that must succeed.</summary>
    public (Pod Pod, PluginResult Added) Attach(string config)
    {
        Pod pod = NewPod();
        return (pod, Plugin.Add("bridge", config, pod).ExpectSuccess());
    }

    /// <summary>CHECK of <c>bridge</c> with the result of its ADD.</summary>
    public PluginResult Check(string config, Pod pod, PluginResult added) => Plugin.Check("bridge", added.WithPrevResult(config), pod);

    /// <summary>The bridge's port of an attachment.</summary>
    public static string Port(TestNetwork network, Pod pod) => OurPlugins.HostInterface(network.Name, pod);

    /// <summary>A link as <c>ip -json -details</c> shows it; null if it does not exist.</summary>
    public JsonElement? FindLink(string name, Pod? pod = null)
    {
        string[] command = ["ip", "-json", "-details", "link", "show", "dev", name];
        CommandResult result = pod?.TryRun(command) ?? Sandbox.TryRun(command);
        return result.ExitCode == 0 ? Parse(result.Output)[0] : null;
    }

    public JsonElement Link(string name, Pod? pod = null)
    {
        JsonElement? link = FindLink(name, pod);
        Assert.True(link is not null, $"{name} does not exist");
        return link.Value;
    }

    /// <summary>A flag of a bridge port, for example <c>hairpin</c>.</summary>
    public bool IsPortFlag(string port, string flag) =>
        Link(port).GetProperty("linkinfo").GetProperty("info_slave_data").GetProperty(flag).GetBoolean();

    /// <summary>The global addresses of an interface with their prefix lengths.</summary>
    public string[] Addresses(string name, Pod? pod = null)
    {
        string[] command = ["ip", "-json", "address", "show", "dev", name, "scope", "global"];
        return
        [
            // What does not match is an empty object.
            .. Parse(pod?.Run(command) ?? Sandbox.Run(command)).EnumerateArray()
                .Where(link => link.TryGetProperty("addr_info", out _))
                .SelectMany(link => link.GetProperty("addr_info").EnumerateArray())
                .Where(address => address.TryGetProperty("local", out _))
                .Select(address => $"{address.GetProperty("local").GetString()}/{address.GetProperty("prefixlen").GetInt32()}"),
        ];
    }

    /// <summary>A pod's routes of a family in all tables, one line each.</summary>
    public static string[] Routes(Pod pod, IpFamily family = IpFamily.IPv4) =>
        [
            .. pod.Run("ip", family.IsIPv6 ? "-6" : "-4", "route", "show", "table", "all")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ];

    /// <summary>The ruleset as nft lists it.</summary>
    public string Ruleset() => Sandbox.Run("nft", "list", "ruleset");

    /// <summary>Whether a container holds an address in a network's lease store, as CHECK of host-local says.</summary>
    public bool IsReserved(TestNetwork network, Pod pod) =>
        Plugin.Run("host-local", "CHECK", network.HostLocal(), pod.ContainerId, pod.Netns, pod.InterfaceName).ExitCode == 0;

    /// <summary>Gives and takes back one address, so that the network's store is there before a snapshot is taken.</summary>
    public void MakeStore(string config)
    {
        Pod pod = NewPod();
        _ = Plugin.Add("host-local", config, pod).ExpectSuccess();
        _ = Plugin.Delete("host-local", config, pod).ExpectSuccess();
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
