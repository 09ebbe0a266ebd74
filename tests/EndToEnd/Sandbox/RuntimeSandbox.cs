using System.Diagnostics;
using Linux.Namespaces;

namespace EndToEnd.Sandbox;

/// <summary>
/// A node of its own: network, mount and pid namespaces in which runtimes and plugins run. They see empty state directories, one plugin
/// directory (also at /opt/cni/bin), a /run of their own, and /proc and /sys of these namespaces. Everything in it ends when it is disposed
/// or the tests die.
/// </summary>
public sealed class RuntimeSandbox : IDisposable
{
    private const string PluginPath = "/opt/cni/bin";

    private readonly Process _init;
    private readonly string[] _enter;
    private readonly string _hostProcessId;

    private RuntimeSandbox(string directory, PluginDirectory plugins, Process init, string hostProcessId)
    {
        Directory = directory;
        Name = Path.GetFileName(directory);
        Plugins = plugins;
        _init = init;
        _hostProcessId = hostProcessId;
        // The pid namespace needs a fork, so that nsenter stays as the parent: killing it must kill the command.
        _enter = ["nsenter", $"--target={hostProcessId}", "--net", "--mount", "--pid", "--", "setpriv", "--pdeathsig=KILL", "--"];
    }

    /// <summary>A directory of the sandbox's own, under the same path inside and outside.</summary>
    public string Directory { get; }

    /// <summary>Unique on the machine: the name of what cannot be isolated, control groups.</summary>
    public string Name { get; }

    public PluginDirectory Plugins { get; }

    public static RuntimeSandbox Start()
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("cniplugin-").FullName;
        try
        {
            return StartIn(directory);
        }
        catch
        {
            System.IO.Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <summary>Runs a command inside and returns its standard output; any exit status but 0 fails the test.</summary>
    public string Run(params IReadOnlyList<string> command) => TryRun(command).Expect(exitCode: 0).Output;

    public CommandResult TryRun(params IReadOnlyList<string> command)
    {
        using RunningCommand running = Start(command);
        return running.WaitForExit();
    }

    /// <inheritdoc cref="RunningCommand.Start"/>
    public RunningCommand Start(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null, string? input = null) =>
        RunningCommand.Start(Enter(command), environment, input);

    /// <summary>The command line that runs a command inside, for processes that the test starts itself.</summary>
    public IReadOnlyList<string> Enter(IReadOnlyList<string> command) => [.. _enter, .. command];

    /// <summary>The environment of a runtime: PATH, and our plugin directory where a variable names it.</summary>
    public static Dictionary<string, string> RuntimeEnvironment() => new()
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = "/root",
        ["CNI_PATH"] = PluginPath,
    };

    /// <summary>Opens a network namespace of the sandbox, for sockets of the test's own; the node's without a path.</summary>
    /// <param name="path">As it is called inside: <c>/run/netns/pod</c>.</param>
    public NetworkNamespace OpenNetwork(string? path = null) =>
        NetworkNamespace.Open($"/proc/{_hostProcessId}/{(path is null ? "ns/net" : $"root{path}")}");

    /// <summary>Writes a file below <see cref="Directory"/> and returns its path.</summary>
    public string WriteFile(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        _ = System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _init.StandardInput.Close();
        _init.WaitForExit();
        _init.Dispose();
        RemoveControlGroups();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static RuntimeSandbox StartIn(string directory)
    {
        PluginDirectory plugins = PluginDirectory.CreateAt(Path.Combine(directory, "plugins"));
        ProcessStartInfo start = new("unshare",
        [
            "--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private", "--",
            "bash", Path.Combine(AppContext.BaseDirectory, "Sandbox", "sandbox.sh"), plugins.Path,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process init = Process.Start(start)!;
        string hostProcessId = init.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The sandbox did not start; it needs root, and says why on standard error.");
        return new RuntimeSandbox(directory, plugins, init, hostProcessId);
    }

    // Control groups are the host's: runtimes are told to make theirs below one of our name.
    private void RemoveControlGroups()
    {
        foreach (string hierarchy in System.IO.Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
        {
            string group = Path.Combine(hierarchy, Name);
            if (!System.IO.Directory.Exists(group))
                continue;
            foreach (string child in System.IO.Directory.GetDirectories(group, "*", SearchOption.AllDirectories)
                .OrderByDescending(path => path.Length))
            {
                RemoveControlGroup(child);
            }
            RemoveControlGroup(group);
        }
    }

    private static void RemoveControlGroup(string path)
    {
        // Not Directory.Delete, which tries to remove the kernel's files first.
        using RunningCommand rmdir = RunningCommand.Start(["rmdir", path]);
        _ = rmdir.WaitForExit();
    }
}
