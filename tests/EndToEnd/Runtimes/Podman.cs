using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Runtimes;

/// <summary>podman with its CNI backend, as Debian ships it, with our plugin directory and no other in its configuration.</summary>
public sealed class Podman
{
    private const string NetworkDirectory = "/run/podman-networks";

    private readonly RuntimeSandbox _sandbox;
    private readonly Dictionary<string, string> _environment;

    private Podman(RuntimeSandbox sandbox)
    {
        _sandbox = sandbox;
        _environment = RuntimeSandbox.RuntimeEnvironment();
        // crun refuses a hybrid cgroup tree, hence runc.
        _environment["CONTAINERS_CONF"] = sandbox.WriteFile("containers.conf", $"""
            [containers]
            default_sysctls = []
            apparmor_profile = ""
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            runtime = "runc"
            [network]
            network_backend = "cni"
            cni_plugin_dirs = ["{sandbox.Plugins.Path}"]
            network_config_dir = "{NetworkDirectory}"
            """);
        _environment["CONTAINERS_STORAGE_CONF"] = sandbox.WriteFile("storage.conf", """
            [storage]
            driver = "vfs"
            graphroot = "/run/podman-storage"
            runroot = "/run/podman-run"
            """);
    }

    /// <summary>Loads the image; podman has no daemon.</summary>
    public static Podman In(RuntimeSandbox sandbox)
    {
        Podman podman = new(sandbox);
        string policy = sandbox.WriteFile("policy.json", """{ "default": [{ "type": "insecureAcceptAnything" }] }""");
        _ = podman.Run("load", $"--signature-policy={policy}", $"--input={BusyboxImage.WriteTo(sandbox.Directory)}");
        return podman;
    }

    /// <summary>Gives podman a network that it did not create itself.</summary>
    public void AddNetwork(PodNetwork network)
    {
        string file = _sandbox.WriteFile($"{network.Name}.conflist", network.Text);
        _ = _sandbox.Run("install", "-D", $"--target-directory={NetworkDirectory}", file);
    }

    /// <summary>Starts a container that sleeps and is attached to one network.</summary>
    public Pod RunContainer(string name, string network, params IReadOnlyList<string> options)
    {
        string id = Run(
            [
                "run",
                "--detach",
                "--pull=never",
                $"--cgroup-parent=/{_sandbox.Name}",
                $"--name={name}",
                $"--network={network}",
                .. options,
                BusyboxImage.Name,
            ])
            .Trim();
        using JsonDocument inspected = JsonDocument.Parse(Run("container", "inspect", name));
        return new Pod(_sandbox, id, inspected.RootElement[0].GetProperty("NetworkSettings").GetProperty("SandboxKey").GetString()!);
    }

    public void RemoveContainer(string name) => Run("rm", "--force", "--time=0", name);

    public string Run(params IReadOnlyList<string> arguments)
    {
        using RunningCommand running = _sandbox.Start(["podman", .. arguments], _environment);
        return running.WaitForExit().Expect(exitCode: 0).Output;
    }
}
