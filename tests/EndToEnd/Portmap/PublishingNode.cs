using EndToEnd.Conformance;
using EndToEnd.Sandbox;
using Linux.Namespaces;

namespace EndToEnd.Portmap;

/// <summary>A node with a dual-stack bridge network, an outside world, and pods that serve; all plugins are the native binary.</summary>
public sealed class PublishingNode : IDisposable
{
    private readonly List<IDisposable> _open = [];

    public PublishingNode()
    {
        Plugin = new PluginProcess(Sandbox);
        _ = OutsideWorld.CreateIn(Sandbox);
        Node = Keep(Sandbox.OpenNetwork());
        Outside = Keep(Sandbox.OpenNetwork("/run/netns/outside"));
    }

    public RuntimeSandbox Sandbox { get; } = RuntimeSandbox.Start();

    public PluginProcess Plugin { get; }

    public TestNetwork Network { get; } = new(1);

    public NetworkNamespace Node { get; }

    public NetworkNamespace Outside { get; }

    public string Bridge => Network.Config(""" "isDefaultGateway": true, "ipMasq": true """, Network.Ipam("dual"));

    /// <summary>A configuration of <c>portmap</c>.</summary>
    /// <param name="mappings">Members of <c>portMappings</c>.</param>
    /// <param name="keys">Further members, each behind a comma.</param>
    public string Config(string mappings, string keys = "") => $$"""
        {
          "cniVersion": "1.1.0", "name": "{{Network.Name}}", "type": "portmap", "capabilities": { "portMappings": true },
          "runtimeConfig": { "portMappings": [{{mappings}}] }{{keys}}
        }
        """;

    /// <summary>One mapping for TCP and one for UDP.</summary>
    public static string Both(int hostPort, int containerPort = 80, string keys = "") =>
        string.Join(", ", ((string[])["tcp", "udp"]).Select(protocol =>
        $$"""{ "hostPort": {{hostPort}}, "containerPort": {{containerPort}}, "protocol": "{{protocol}}"{{keys}} }"""));

    /// <summary>A pod on the bridge without published ports.</summary>
    public (Pod Pod, NetworkNamespace Network, PluginResult Added) AddPod(string name)
    {
        Pod pod = Pod.Create(Sandbox, name);
        PluginResult added = Plugin.Add("bridge", Bridge, pod).ExpectSuccess();
        return (pod, Keep(Sandbox.OpenNetwork(pod.Netns)), added);
    }

    /// <summary>A pod that serves under its own name, with published ports.</summary>
    /// <returns>The pod, and the configuration for CHECK and DEL.</returns>
    public (Pod Pod, NetworkNamespace Network, string Config) Publish(string name, string config, int port = 80)
    {
        (Pod pod, NetworkNamespace network, PluginResult added) = AddPod(name);
        _ = Keep(EchoServer.Start(network, name, port));
        string chained = added.WithPrevResult(config);
        PluginResult published = Plugin.Add("portmap", chained, pod).ExpectSuccess();
        Assert.Equal(added.Output, published.Output);
        return (pod, network, chained);
    }

    public void Dispose()
    {
        foreach (IDisposable item in Enumerable.Reverse(_open))
            item.Dispose();
        Sandbox.Dispose();
    }

    private T Keep<T>(T item)
        where T : IDisposable
    {
        _open.Add(item);
        return item;
    }
}
