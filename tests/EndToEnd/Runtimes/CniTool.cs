using EndToEnd.Sandbox;
using Linux;

namespace EndToEnd.Runtimes;

/// <summary>The CNI project's cnitool, which runs a whole configuration list through libcni, cache included. Built by scripts/setup-tests.sh.</summary>
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
    public Pod AddPod(string name)
    {
        Pod named = Pod.Create(_sandbox, name);
        Run("add", named);
        // cnitool derives the container's ID from the path.
        return new Pod(_sandbox, $"cnitool-{Sha512.HexPrefix(20, named.Netns)}", named.Netns);
    }

    public void CheckPod(Pod pod) => Run("check", pod);

    /// <summary>Detaches, twice as runtimes may, and removes the network namespace.</summary>
    public void DeletePod(Pod pod)
    {
        Run("del", pod);
        Run("del", pod);
        pod.Delete();
    }

    private void Run(string verb, Pod pod)
    {
        string executable = SourceTree.File("artifacts/tools/cnitool", "run scripts/setup-tests.sh");
        using RunningCommand running = _sandbox.Start([executable, verb, _network.Name, pod.Netns], _environment);
        _ = running.WaitForExit().Expect(exitCode: 0);
    }
}
