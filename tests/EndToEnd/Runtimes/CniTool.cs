using EndToEnd.Sandbox;

namespace EndToEnd.Runtimes;

/// <summary>The CNI project's cnitool, which runs a whole configuration list through libcni, cache included. Built by scripts/setup-tests.sh.</summary>
public sealed class CniTool(RuntimeSandbox sandbox, string configDirectory)
{
    private static readonly string _executable = Find();

    public CommandResult Run(string verb, string network, Pod pod)
    {
        Dictionary<string, string> environment = RuntimeSandbox.RuntimeEnvironment();
        environment["NETCONFPATH"] = configDirectory;
        environment["CNI_IFNAME"] = pod.InterfaceName;
        using RunningCommand running = sandbox.Start([_executable, verb, network, pod.Netns], environment);
        return running.WaitForExit();
    }

    /// <summary>The container ID that cnitool derives from the path of a network namespace.</summary>
    public static string ContainerId(string netns) => $"cnitool-{Linux.Sha512.HexPrefix(20, netns)}";

    private static string Find()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, "artifacts", "tools", "cnitool");
            if (File.Exists(path))
                return path;
        }

        throw new InvalidOperationException("artifacts/tools/cnitool does not exist: run scripts/setup-tests.sh.");
    }
}
