using System.Text.Json.Nodes;
using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>A host of a <see cref="ClusterSandbox"/>: its agent, and pods by the list that the agent has written.</summary>
public sealed class ClusterHost : IDisposable
{
    private readonly RuntimeSandbox _sandbox;
    private readonly string _binaries;
    private readonly string _directory;
    private readonly int _number;
    private readonly List<RunningCommand> _running = [];
    private string _processId = "";
    private RunningCommand? _agent;

    private ClusterHost(RuntimeSandbox sandbox, string binaries, int number)
    {
        (_sandbox, _binaries, _number) = (sandbox, binaries, number);
        _directory = Directory.CreateDirectory(Path.Combine(sandbox.Directory, Name)).FullName;
    }

    public string Name => $"host{_number}";

    public string Address => $"192.0.2.{_number}";

    /// <summary>Those of etcd, for the agent.</summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>Whether the agent that was started last runs.</summary>
    public bool HasAgent => _agent is { HasExited: false };

    public static ClusterHost Start(RuntimeSandbox sandbox, string binaries, int number)
    {
        ClusterHost host = new(sandbox, binaries, number);
        RunningCommand init = sandbox.Start(
            [
                "unshare", "--net", "--mount", "--propagation=private", "--", "bash", "-ec",
                """
                mount -t tmpfs tmpfs /run
                mount -t sysfs sysfs /sys
                mkdir /run/netns
                echo $$ >"$0/pid"
                echo ready
                exec sleep infinity
                """,
                host._directory,
            ]);
        host._running.Add(init);
        init.WaitForOutput("ready");
        host._processId = File.ReadAllText(Path.Combine(host._directory, "pid")).Trim();
        _ = sandbox.Run(
            "sh", "-euc",
            """
            ip link add "port$1" type veth peer name eth0 netns "$2"
            ip link set "port$1" master switch up
            """,
            "sh", $"{number}", host._processId);
        host.Script(
            $"""
            ip link set lo up
            ip link set eth0 up
            ip address add 192.0.2.{number}/24 dev eth0
            ip address add 2001:db8::{number}/64 dev eth0 nodad
            """);
        return host;
    }

    /// <summary>Starts a command that ends with the host.</summary>
    public RunningCommand Start(params IReadOnlyList<string> command)
    {
        RunningCommand running = _sandbox.Start(Enter(command));
        _running.Add(running);
        return running;
    }

    public string Run(params IReadOnlyList<string> command) => _sandbox.Run(Enter(command));

    public CommandResult TryRun(params IReadOnlyList<string> command) => _sandbox.TryRun(Enter(command));

    public string Script(string text) => Run("bash", "-euc", text);

    public CommandResult Ctl(params IReadOnlyList<string> arguments) => TryRun([$"{_binaries}/cnictl", .. arguments]);

    /// <summary>What <c>cnictl status</c> prints; empty while no agent answers.</summary>
    public string Status() => Ctl("status") is { ExitCode: 0 } status ? status.Output : "";

    /// <summary>Where the agent keeps what must survive a boot.</summary>
    public string StateDirectory => $"{_directory}/lib";

    /// <summary>The agent's binary.</summary>
    public string Agent => $"{_binaries}/cniagent";

    /// <param name="nodeName">Null for the host's own name.</param>
    /// <param name="program">Null for the one of the sandbox.</param>
    /// <param name="endpoint">Of etcd; null for the sandbox's.</param>
    /// <param name="options">More of the agent's options.</param>
    /// <param name="under">A command that runs the agent.</param>
    public void StartAgent(
        string? nodeName = null, string? program = null, string? endpoint = null, string[]? options = null, string[]? under = null)
    {
        _agent = Start(
        [
            "bash", "-c", "echo $$ >\"$0/agent.pid\"; echo started; exec \"$@\" >>\"$0/agent.log\" 2>&1", _directory,
            .. under ?? [], program ?? Agent, .. AgentArguments(nodeName, endpoint, options ?? []),
        ]);
        _agent.WaitForOutput("started");
    }

    /// <summary>Runs an agent that is to end by itself, with what it says.</summary>
    public CommandResult RunAgent(string endpoint, params string[] options) =>
        TryRun(["timeout", "--signal=KILL", "60", Agent, .. AgentArguments(nodeName: null, endpoint, options)]);

    /// <summary>All that packets of pods go by, and the lists of runtimes.</summary>
    public string Datapath() => Script(
        """
        ip -br link show type vxlan
        ip route show proto 67; ip -6 route show proto 67
        for device in /sys/class/net/cni-vx*; do
          [[ -e $device ]] || continue
          bridge fdb show dev "${device##*/}"
          ip neighbour show dev "${device##*/}" nud permanent
          ip -6 neighbour show dev "${device##*/}" nud permanent
        done
        nft --stateless list ruleset
        cat /run/net.d/*
        """);

    /// <summary>What the kernel says of the agent that was started last (proc_pid_status(5)).</summary>
    public string AgentStatus() =>
        Run("cat", $"/proc/{File.ReadAllText(Path.Combine(_directory, "agent.pid")).Trim()}/status");

    /// <summary>Stops the agent as it stands, or lets it go on.</summary>
    /// <param name="signal">STOP or CONT.</param>
    public void SignalAgent(string signal) =>
        _sandbox.Run("kill", $"-{signal}", File.ReadAllText(Path.Combine(_directory, "agent.pid")).Trim());

    /// <summary>Cuts the host off from the others, or joins it again.</summary>
    /// <param name="isJoined">Whether its cable is plugged in.</param>
    public void Plug(bool isJoined) => _sandbox.Run("ip", "link", "set", $"port{_number}", isJoined ? "up" : "down");

    /// <summary>SIGKILL, and the wait for the end.</summary>
    public void KillAgent()
    {
        _agent!.Kill();
        _ = _agent.WaitForExit();
    }

    /// <summary>A network's list as it stands there now; null if there is none.</summary>
    public string? ReadList(string network) =>
        TryRun("cat", $"/run/net.d/10-{network}.conflist") is { ExitCode: 0 } list ? list.Output : null;

    /// <summary>Makes a pod as a runtime does: ADD of each plugin of the list, with the result of the one before.</summary>
    public Pod Attach(string name, string network = "pods")
    {
        _ = TryAttach(name, network).Expect(exitCode: 0);
        return PodOf(name);
    }

    /// <summary>The same, for ADDs that may be refused, which leave a namespace; the answer of the last plugin that was called.</summary>
    public CommandResult TryAttach(string name, string network = "pods")
    {
        _ = Run("ip", "netns", "add", name);
        JsonNode list = JsonNode.Parse(ReadList(network)!)!;
        CommandResult? answer = null;
        foreach (JsonNode? plugin in list["plugins"]!.AsArray())
        {
            answer = Call("ADD", name, Config(list, plugin!, answer is null ? null : JsonNode.Parse(answer.Output)));
            if (answer.ExitCode != 0)
                break;
        }
        return answer!;
    }

    // Commands in the pod are run from the sandbox, where the host's /run is not to be seen otherwise.
    public Pod PodOf(string name) => new(_sandbox, name, $"/proc/{_processId}/root/run/netns/{name}");

    /// <summary>Removes a pod: DEL of each plugin, from the last to the first.</summary>
    /// <param name="name">The pod.</param>
    /// <param name="list">The list that it was made with; null for the one that is there.</param>
    /// <param name="network">The network.</param>
    public void Detach(string name, string? list = null, string network = "pods")
    {
        JsonNode text = JsonNode.Parse(list ?? ReadList(network)!)!;
        foreach (JsonNode? plugin in text["plugins"]!.AsArray().Reverse())
            _ = Call("DEL", name, Config(text, plugin!, result: null)).Expect(exitCode: 0);
        _ = Run("ip", "netns", "delete", name);
    }

    /// <summary>All that helps to see why something is not as it should be.</summary>
    public string Describe() => $"""
        {Ctl("status")}
        {Run("sh", "-c", "ip -br address; ip route; ip -6 route; nft list ruleset")}
        the agent's log:
        {string.Join('\n', File.ReadLines(Path.Combine(_directory, "agent.log")).TakeLast(20))}
        """;

    public void Dispose()
    {
        foreach (RunningCommand running in _running)
            running.Dispose();
    }

    private string[] AgentArguments(string? nodeName, string? endpoint, string[] options) =>
    [
        "run", "--store", "etcd",
        .. (endpoint is null ? Endpoints : [endpoint]).SelectMany(static one => new[] { "--etcd", one }),
        "--node-name", nodeName ?? Name, "--address", Address, "--address", $"2001:db8::{_number}",
        "--state-dir", StateDirectory, "--network-dir", "/run/net.d", .. options,
    ];

    private string[] Enter(IReadOnlyList<string> command) => ["nsenter", $"--target={_processId}", "--net", "--mount", "--", .. command];

    private CommandResult Call(string verb, string pod, JsonNode config)
    {
        Dictionary<string, string> environment = new(RuntimeSandbox.RuntimeEnvironment())
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = pod,
            ["CNI_NETNS"] = $"/run/netns/{pod}",
            ["CNI_IFNAME"] = "eth0",
            ["CNI_ARGS"] = $"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={pod}",
        };
        using RunningCommand running = _sandbox.Start(
            Enter([$"{environment["CNI_PATH"]}/{config["type"]}"]), environment, config.ToJsonString());
        return running.WaitForExit();
    }

    private static JsonNode Config(JsonNode list, JsonNode plugin, JsonNode? result)
    {
        JsonNode config = plugin.DeepClone();
        config["name"] = list["name"]!.DeepClone();
        config["cniVersion"] = list["cniVersion"]!.DeepClone();
        if (result is not null)
            config["prevResult"] = result.DeepClone();
        return config;
    }
}
