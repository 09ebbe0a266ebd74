using System.Text.Json;

namespace EndToEnd.Sandbox;

/// <summary>Runs a plugin as libcni does: the executable of that type, the CNI_* variables, the configuration on standard input.</summary>
public sealed class PluginProcess(RuntimeSandbox sandbox)
{
    /// <summary>The directory that is searched for the plugin and given as CNI_PATH.</summary>
    public string Directory { get; init; } = sandbox.Plugins.Path;

    /// <summary>Debian's plugins, which take the versions up to 1.0.0.</summary>
    /// <param name="sandbox">Where; the directory that they are installed in is ours inside of it.</param>
    /// <param name="types">Which of them.</param>
    public static PluginProcess OfReference(RuntimeSandbox sandbox, params IEnumerable<string> types)
    {
        string directory = System.IO.Directory.CreateDirectory(Path.Combine(sandbox.Directory, "reference")).FullName;
        foreach (string type in types)
            File.Copy(Path.Combine(PluginDirectory.Reference, type), Path.Combine(directory, type), overwrite: true);
        return new PluginProcess(sandbox) { Directory = directory };
    }

    /// <summary>Runs inside this root directory (see chroot(1)), which must hold <see cref="Directory"/>; null: the sandbox's.</summary>
    public string? Root { get; init; }

    public PluginResult Add(string type, string config, Pod pod) => Run(type, "ADD", config, pod.ContainerId, pod.Netns, pod.InterfaceName);

    public PluginResult Check(string type, string config, Pod pod) =>
        Run(type, "CHECK", config, pod.ContainerId, pod.Netns, pod.InterfaceName);

    public PluginResult Delete(string type, string config, Pod pod) =>
        Run(type, "DEL", config, pod.ContainerId, pod.Netns, pod.InterfaceName);

    /// <param name="type">The plugin's name.</param>
    /// <param name="verb">CNI_COMMAND.</param>
    /// <param name="config">Standard input, sent as it is.</param>
    /// <param name="containerId">CNI_CONTAINERID; null: unset, as for every variable here.</param>
    /// <param name="netns">CNI_NETNS.</param>
    /// <param name="ifname">CNI_IFNAME.</param>
    /// <param name="args">CNI_ARGS.</param>
    /// <param name="extraEnv">Added last: a value replaces one from above, null unsets it.</param>
    public PluginResult Run(
        string type,
        string? verb,
        string config,
        string? containerId = null,
        string? netns = null,
        string? ifname = null,
        string? args = null,
        IReadOnlyDictionary<string, string?>? extraEnv = null)
    {
        using RunningCommand running = Start(type, verb, config, containerId, netns, ifname, args, extraEnv);
        return new PluginResult(running.WaitForExit());
    }

    /// <summary>As <see cref="Run"/>, but does not wait: to run several at a time, or to kill one.</summary>
    public RunningCommand Start(
        string type,
        string? verb,
        string config,
        string? containerId = null,
        string? netns = null,
        string? ifname = null,
        string? args = null,
        IReadOnlyDictionary<string, string?>? extraEnv = null)
    {
        Dictionary<string, string?> environment = new()
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = containerId,
            ["CNI_NETNS"] = netns,
            ["CNI_IFNAME"] = ifname,
            ["CNI_ARGS"] = args,
            ["CNI_PATH"] = Directory,
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        };
        foreach ((string name, string? value) in extraEnv ?? new Dictionary<string, string?>())
            environment[name] = value;
        Dictionary<string, string> set = environment.Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Value!);
        string executable = $"{Directory}/{type}";
        return sandbox.Start(Root is null ? [executable] : ["/usr/sbin/chroot", Root, executable], set, config);
    }
}

/// <summary>What a plugin answered: its exit status and both outputs, and the parts of its JSON that tests ask for.</summary>
public sealed class PluginResult(CommandResult command)
{
    public int ExitCode => command.ExitCode;

    public string Output => command.Output;

    public string Error => command.Error;

    /// <summary>The one JSON document on standard output; anything else there fails the test.</summary>
    public JsonElement Json
    {
        get
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(Output);
                return document.RootElement.Clone();
            }
            catch (JsonException problem)
            {
                Assert.Fail($"{command}\nstandard output is not one JSON document: {problem.Message}");
                throw;
            }
        }
    }

    public PluginResult ExpectSuccess()
    {
        _ = command.Expect(exitCode: 0);
        return this;
    }

    /// <summary>Asserts a failure with this code and returns its message and details.</summary>
    public string ExpectError(int code)
    {
        Assert.True(ExitCode != 0, command.ToString());
        JsonElement json = Json;
        Assert.True(json.GetProperty("code").GetInt32() == code, command.ToString());
        string details = json.TryGetProperty("details", out JsonElement value) ? value.GetString()! : "";
        return $"{json.GetProperty("msg").GetString()}; {details}";
    }

    /// <summary>The configuration that this result's chain gets with CHECK and DEL: <paramref name="config"/> with prevResult.</summary>
    public string WithPrevResult(string config)
    {
        using JsonDocument document = JsonDocument.Parse(config);
        MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
                property.WriteTo(writer);
            writer.WritePropertyName("prevResult");
            Json.WriteTo(writer);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    public override string ToString() => command.ToString();
}
