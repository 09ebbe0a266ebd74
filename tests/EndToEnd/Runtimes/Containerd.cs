using System.Net.Sockets;
using System.Text.Json;
using EndToEnd.Runtimes.Cri;
using EndToEnd.Sandbox;
using Grpc.Net.Client;

namespace EndToEnd.Runtimes;

/// <summary>containerd with its CRI plugin, as Debian ships it, with our plugin directory and no other in its configuration.</summary>
public sealed class Containerd : IDisposable
{
    private readonly RuntimeSandbox _sandbox;
    private readonly RunningCommand _daemon;
    private readonly GrpcChannel _channel;
    private readonly RuntimeService.RuntimeServiceClient _client;
    private readonly string _socket;

    private Containerd(RuntimeSandbox sandbox, RunningCommand daemon, string socket)
    {
        _sandbox = sandbox;
        _daemon = daemon;
        _socket = socket;
        _channel = GrpcChannel.ForAddress("http://containerd", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = async (_, cancel) => await ConnectAsync(cancel) },
        });
        _client = new RuntimeService.RuntimeServiceClient(_channel);
    }

    /// <param name="sandbox">Where it runs; its state and image go with the sandbox.</param>
    /// <param name="network">That of its pods, given as /etc/cni/net.d/10-pods.conflist.</param>
    public static Containerd StartIn(RuntimeSandbox sandbox, PodNetwork network)
    {
        string conflist = sandbox.WriteFile("pods.conflist", network.Text);
        _ = sandbox.Run("cp", conflist, "/etc/cni/net.d/10-pods.conflist");

        // The socket lies in the sandbox's directory, where the tests can connect to it; everything else in its /run.
        string socket = Path.Combine(sandbox.Directory, "containerd.sock");
        string config = sandbox.WriteFile("containerd.toml", $"""
            version = 2
            root = "/run/containerd/root"
            state = "/run/containerd/state"
            disabled_plugins = ["io.containerd.internal.v1.opt"]
            [grpc]
              address = "{socket}"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "{BusyboxImage.Name}"
              # Test machines may lack CAP_SYS_RESOURCE.
              restrict_oom_score_adj = true
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "{sandbox.Plugins.Path}"
                conf_dir = "/etc/cni/net.d"
            """);
        // systemd's readiness protocol tells when the socket serves: no polling.
        string ready = Path.Combine(sandbox.Directory, "containerd.ready");
        using Socket notifications = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notifications.Bind(new UnixDomainSocketEndPoint(ready));
        notifications.ReceiveTimeout = 60_000;
        Dictionary<string, string> environment = RuntimeSandbox.RuntimeEnvironment();
        environment["NOTIFY_SOCKET"] = ready;
        RunningCommand daemon = sandbox.Start(["containerd", "--config", config], environment);
        byte[] message = new byte[256];
        try
        {
            _ = notifications.Receive(message);
        }
        catch (SocketException)
        {
            daemon.Kill();
            Assert.Fail($"containerd did not start: {daemon.WaitForExit()}");
        }

        Containerd containerd = new(sandbox, daemon, socket);
        _ = containerd.Ctr("images", "import", "--snapshotter=native", BusyboxImage.WriteTo(sandbox.Directory));
        return containerd;
    }

    /// <summary>Starts a pod through the CRI and waits until it runs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">What its configuration has besides: host ports, annotations.</param>
    internal Pod RunPod(string name, Action<PodSandboxConfig>? shape = null)
    {
        PodSandboxConfig config = new()
        {
            Metadata = new PodSandboxMetadata { Name = name, Uid = $"{name}-uid", Namespace = "default" },
            Hostname = name,
            LogDirectory = Path.Combine(_sandbox.Directory, "logs"),
            Linux = new LinuxPodSandboxConfig { CgroupParent = $"/{_sandbox.Name}" },
        };
        shape?.Invoke(config);
        string id = _client.RunPodSandbox(new RunPodSandboxRequest { Config = config }).PodSandboxId;
        PodSandboxStatusResponse status = _client.PodSandboxStatus(new PodSandboxStatusRequest { PodSandboxId = id, Verbose = true });
        using JsonDocument info = JsonDocument.Parse(status.Info["info"]);
        string netns = info.RootElement.GetProperty("runtimeSpec").GetProperty("linux").GetProperty("namespaces").EnumerateArray()
            .Single(entry => entry.GetProperty("type").GetString() == "network").GetProperty("path").GetString()!;
        Pod pod = new(_sandbox, id, netns);
        Assert.Equal(pod.Address(), status.Status.Network.Ip);
        return pod;
    }

    public void RemovePod(Pod pod)
    {
        _ = _client.StopPodSandbox(new PodSandboxIdRequest { PodSandboxId = pod.ContainerId });
        _ = _client.RemovePodSandbox(new PodSandboxIdRequest { PodSandboxId = pod.ContainerId });
    }

    /// <summary>
    /// Kills a pod's process behind the CRI's back, as the kernel's memory killer does, and waits until containerd has taken notice.
    /// </summary>
    /// <remarks>Until then it would ask the pod's shim to stop it, and the shim may end before it answers ("ttrpc: closed").</remarks>
    internal void KillPod(Pod pod)
    {
        _ = Ctr("tasks", "kill", "--signal=KILL", pod.ContainerId);
        PodSandboxStatusRequest request = new() { PodSandboxId = pod.ContainerId };
        Assert.True(
            SpinWait.SpinUntil(
                () => _client.PodSandboxStatus(request).Status.State == PodSandboxState.SandboxNotready, TimeSpan.FromSeconds(30)));
    }

    /// <summary>containerd's own client, in the namespace of the CRI.</summary>
    public string Ctr(params IReadOnlyList<string> arguments) =>
        _sandbox.Run(["ctr", $"--address={_socket}", "--namespace=k8s.io", .. arguments]);

    /// <summary>
    /// Runs a command in a container without a pod, attached to the networks of /etc/cni/net.d by the plugins in /opt/cni/bin.
    /// </summary>
    public string RunContainer(string name, params IReadOnlyList<string> command) =>
        Ctr(["run", "--rm", "--cni", "--snapshotter=native", $"--cgroup=/{_sandbox.Name}/{name}", BusyboxImage.Name, name, .. command]);

    public void Dispose()
    {
        _channel.Dispose();
        _daemon.Dispose();
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
