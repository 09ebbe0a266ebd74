using EndToEnd.Sandbox;
using Linux;
using TestKit;

namespace EndToEnd.Runtimes;

/// <summary>
/// The CNI project's cnitool, which runs a whole configuration list through libcni, cache included. Built by scripts/setup-tests.sh.
/// </summary>
public sealed class CniTool
{
    private readonly RuntimeSandbox _sandbox;
    private readonly PodNetwork _network;
    private readonly Dictionary<string, string> _environment = RuntimeSandbox.RuntimeEnvironment();

    public CniTool(RuntimeSandbox sandbox, PodNetwork network)
    {
        _sandbox = sandbox;
        _network = network;
        _environment["NETCONFPATH"] = Path.GetDirectoryName(sandbox.WriteFile("net.d/10-network.conflist", network.Text))!;
    }

    /// <summary>Attaches a new network namespace of this name.</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="capabilities">What the runtime offers: the members of runtimeConfig as one JSON object.</param>
    public Pod AddPod(string name, string capabilities = "")
    {
        Pod named = Pod.Create(_sandbox, name);
        Run("add", named, capabilities);
        // cnitool derives the container's ID from the path.
        return new Pod(_sandbox, $"cnitool-{Sha512.HexPrefix(20, named.Netns)}", named.Netns);
    }

    /// <summary>Attaches several new network namespaces at the same time.</summary>
    /// <param name="capabilities">The namespaces' names, and what the runtime offers for each.</param>
    public IReadOnlyList<Pod> AddPods(IReadOnlyDictionary<string, string> capabilities)
    {
        Pod[] named = [.. capabilities.Keys.Select(name => Pod.Create(_sandbox, name))];
        RunAll("add", named, [.. capabilities.Values]);
        return [.. named.Select(pod => new Pod(_sandbox, $"cnitool-{Sha512.HexPrefix(20, pod.Netns)}", pod.Netns))];
    }

    /// <summary>Detaches at the same time, and removes the network namespaces.</summary>
    public void DeletePods(IReadOnlyList<Pod> pods)
    {
        RunAll("del", pods, [.. pods.Select(static _ => "")]);
        foreach (Pod pod in pods)
            pod.Delete();
    }

    public void CheckPod(Pod pod, string capabilities = "") => Run("check", pod, capabilities);

    /// <summary>Detaches, twice as runtimes may, and removes the network namespace.</summary>
    public void DeletePod(Pod pod)
    {
        Run("del", pod);
        Run("del", pod);
        pod.Delete();
    }

    private void Run(string verb, Pod pod, string capabilities = "") => RunAll(verb, [pod], [capabilities]);

    private void RunAll(string verb, IReadOnlyList<Pod> pods, IReadOnlyList<string> capabilities)
    {
        string executable = SourceTree.File("artifacts/tools/cnitool", "run scripts/setup-tests.sh");
        List<RunningCommand> running = [];
        try
        {
            foreach ((Pod pod, string offered) in pods.Zip(capabilities))
            {
                _environment["CAP_ARGS"] = offered;
                running.Add(_sandbox.Start([executable, verb, _network.Name, pod.Netns], _environment));
            }
            foreach (RunningCommand command in running)
                _ = command.WaitForExit().Expect(exitCode: 0);
        }
        finally
        {
            foreach (RunningCommand command in running)
                command.Dispose();
        }
    }
}
