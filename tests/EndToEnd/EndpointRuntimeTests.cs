using System.Text.Json;
using EndToEnd.Runtimes;
using EndToEnd.Runtimes.Cri;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary>What podman, containerd and its CRI tell <c>endpoint</c> of a pod without being asked to.</summary>
public sealed class EndpointRuntimeTests : IDisposable
{
    private static readonly PodNetwork s_network = new("""
        {
          "cniVersion": "1.0.0",
          "name": "pods",
          "plugins": [
            { "type": "ptp", "ipMasq": true, "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.35.0.0/24" }]] } },
            {
              "type": "endpoint",
              "gate": true,
              "args": { "cni": { "labels": [{ "key": "network", "value": "pods" }] } },
              "capabilities": { "aliases": true, "portMappings": true, "io.kubernetes.cri.pod-annotations": true }
            },
            { "type": "portmap", "capabilities": { "portMappings": true } }
          ]
        }
        """);

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();

    public void Dispose() => _sandbox.Dispose();

    private JsonElement Record(Pod pod) => EndpointTests.Record(_sandbox, s_network.Name, pod);

    private static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(static entry => entry.GetString()!)];

    private void AssertFound(Pod pod, JsonElement record)
    {
        Assert.Equal(
            (pod.ContainerId, pod.Netns), (record.GetProperty("containerID").GetString(), record.GetProperty("netns").GetString()));
        Assert.StartsWith($"{pod.Address()}/", Assert.Single(Strings(record.GetProperty("addresses"))), StringComparison.Ordinal);
        Assert.Equal("pods", record.GetProperty("labels").GetProperty("network").GetString());
        Assert.Contains(
            record.GetProperty("hostInterface").GetString()!,
            _sandbox.Run("ip", "-o", "link", "show", "group", "6516329"),
            StringComparison.Ordinal);
    }

    private static void AssertPublished(JsonElement record, int hostPort)
    {
        JsonElement port = Assert.Single(record.GetProperty("ports").EnumerateArray());
        Assert.Equal(
            (hostPort, 80, "tcp"),
            (
                port.GetProperty("hostPort").GetInt32(),
                port.GetProperty("containerPort").GetInt32(),
                port.GetProperty("protocol").GetString()));
    }

    [Fact]
    public void Podman_tells_name_aliases_and_ports()
    {
        Podman podman = Podman.In(_sandbox);
        podman.AddNetwork(s_network);
        Pod pod = podman.RunContainer("web", "pods", "--network-alias=www", "--publish=8080:80");

        JsonElement record = Record(pod);
        AssertFound(pod, record);
        Assert.Equal("web", record.GetProperty("name").GetString());
        Assert.Contains("www", Strings(record.GetProperty("aliases")));
        AssertPublished(record, 8080);

        podman.RemoveContainer("web");
        Assert.Empty(EndpointTests.Records(_sandbox));
    }

    [Fact]
    public void Containerd_tells_name_namespace_uid_annotations_and_ports()
    {
        using Containerd containerd = Containerd.StartIn(_sandbox, s_network);
        Pod pod = containerd.RunPod("web", static config =>
        {
            config.Annotations.Add("cniplugin.io/note", "it's \"quoted\"");
            config.PortMappings.Add(new PortMapping { ContainerPort = 80, HostPort = 8081 });
        });

        JsonElement record = Record(pod);
        AssertFound(pod, record);
        Assert.Equal(
            ("web", "default", "web-uid"),
            (record.GetProperty("name").GetString(), record.GetProperty("namespace").GetString(), record.GetProperty("uid").GetString()));
        Assert.Equal("it's \"quoted\"", record.GetProperty("annotations").GetProperty("cniplugin.io/note").GetString());
        AssertPublished(record, 8081);

        containerd.RemovePod(pod);
        Assert.Empty(EndpointTests.Records(_sandbox));
    }
}
