using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary>Names under which the binary is called that are no plugin's, and what the operator asks it.</summary>
public sealed class NameTests : IDisposable
{
    private const string Config = """
        { "cniVersion": "1.1.0", "name": "names", "type": "TYPE", "bridge": "cni0", "isGateway": true,
          "ipam": { "type": "host-local", "subnet": "10.35.0.0/24" } }
        """;

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();

    public void Dispose() => _sandbox.Dispose();

    /// <summary>Another product's name for our plugin: a link to our link.</summary>
    [Fact]
    public void A_link_to_the_link_of_a_plugin_is_that_plugin()
    {
        PluginProcess plugin = Directory("cnv-bridge -> bridge", "cnv-host-local -> host-local");
        string config = Config.Replace("TYPE", "cnv-bridge", StringComparison.Ordinal)
            .Replace("\"host-local\"", "\"cnv-host-local\"", StringComparison.Ordinal);
        Pod pod = Pod.Create(_sandbox, "pod");
        PluginResult added = plugin.Add("cnv-bridge", config, pod).ExpectSuccess();
        _ = plugin.Check("cnv-bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = plugin.Delete("cnv-bridge", config, pod).ExpectSuccess();
        Assert.Contains("1.1.0", plugin.Run("cnv-bridge", "VERSION", "").ExpectSuccess().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Else_type_names_the_plugin()
    {
        PluginProcess plugin = Directory("something -> cniplugin");
        string config = Config.Replace("TYPE", "bridge", StringComparison.Ordinal);
        Pod pod = Pod.Create(_sandbox, "pod");
        PluginResult added = plugin.Add("something", config, pod).ExpectSuccess();
        _ = plugin.Check("something", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = plugin.Delete("something", config, pod).ExpectSuccess();
        Assert.Contains(
            "absent",
            plugin.Run("something", "ADD", config, "c", "/run/netns/absent", "eth0").ExpectError(code: 8),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("something -> cniplugin", "something")]
    [InlineData("cniplugin", "cniplugin")]
    public void Without_either_the_answer_says_so(string link, string name)
    {
        PluginProcess plugin = Directory(link);
        string config = Config.Replace("TYPE", "flannel", StringComparison.Ordinal);
        foreach (string verb in (string[])["ADD", "DEL", "CHECK"])
        {
            string message = plugin.Run(name, verb, config, "c1", "/run/netns/absent", "eth0").ExpectError(code: 4);
            Assert.All([name, "flannel", "bridge, dhcp"], word => Assert.Contains(word, message, StringComparison.Ordinal));
        }
        _ = plugin.Run(name, "STATUS", config).ExpectError(code: 4);
        _ = plugin.Run(name, "GC", config).ExpectError(code: 4);
    }

    [Fact]
    public void Prepare_makes_what_the_first_pod_would()
    {
        string file = $"{_sandbox.Directory}/10-names.conflist";
        string single = Config.Replace("TYPE", "bridge", StringComparison.Ordinal);
        File.WriteAllText(file, $$"""{ "cniVersion": "1.0.0", "name": "names", "plugins": [{{single}}, { "type": "portmap" }] }""");
        string cniplugin = $"{_sandbox.Plugins.Path}/cniplugin";
        Assert.Contains("bridge cni0 with 10.35.0.1/24", _sandbox.Run(cniplugin, "prepare", file), StringComparison.Ordinal);
        NodeState before = NodeState.Of(_sandbox);
        _ = _sandbox.Run(cniplugin, "prepare", file);
        NodeState.Of(_sandbox).AssertSameAs(before);
        PluginProcess plugin = new(_sandbox);
        Pod pod = Pod.Create(_sandbox, "pod");
        _ = plugin.Add("bridge", single, pod).ExpectSuccess();
        pod.Run("ping", "-n", "-c1", "-W2", "10.35.0.1");

        foreach ((string text, string problem) in ((string, string)[])
            [
                ("{", "not valid JSON"),
                ("""{"name": "n", "type": "bridge", "mtu": 1}""", "mtu is 1"),
                ("""{"name": "n", "plugins": [{}]}""", "plugins[0]"),
            ])
        {
            File.WriteAllText(file, text);
            CommandResult failed = _sandbox.TryRun([cniplugin, "prepare", file]);
            Assert.Equal(1, failed.ExitCode);
            Assert.Contains(problem, failed.Error, StringComparison.Ordinal);
        }
    }

    private PluginProcess Directory(params string[] links)
    {
        string directory = System.IO.Directory.CreateDirectory($"{_sandbox.Directory}/other").FullName;
        File.Copy($"{_sandbox.Plugins.Path}/cniplugin", $"{directory}/cniplugin");
        foreach (string name in PluginDirectory.Delivered)
            _ = File.CreateSymbolicLink($"{directory}/{name}", "cniplugin");
        foreach (string[] link in links.Select(static link => link.Split(" -> ")).Where(static link => link.Length == 2))
            _ = File.CreateSymbolicLink($"{directory}/{link[0]}", link[1]);
        return new PluginProcess(_sandbox) { Directory = directory };
    }
}
