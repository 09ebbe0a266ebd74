using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>The environment variables, and VERSION, which needs none (checklist.txt, C1 to C11, C20 to C22).</summary>
public sealed class EnvironmentTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    public static TheoryData<string> Plugins => [.. PluginDirectory.Delivered];

    public static TheoryData<string> Independent => [.. PluginDirectory.Independent];

    [Theory]
    [MemberData(nameof(Plugins))]
    [Trait("Conformance", "C1")]
    public void Without_a_command_a_plugin_says_what_it_is(string type)
    {
        foreach (string? command in (string?[])[null, ""])
        {
            PluginResult result = node.Plugin.Run(type, command, "").ExpectSuccess();

            string[] lines = result.Error.Split('\n');
            Assert.Empty(result.Output);
            Assert.Matches($@"^CNI {type} plugin v\d+\.\d+\.\d+$", lines[0]);
            Says.All(lines[1], string.Join(", ", ChainedVerbMatrixTests.Versions(type)));
        }
    }

    [Fact]
    [Trait("Conformance", "C1")]
    public void Arguments_do_not_matter()
    {
        using RunningCommand running = node.Sandbox.Start([$"{node.Plugin.Directory}/bridge", "version"], new Dictionary<string, string>());

        CommandResult result = running.WaitForExit().Expect(exitCode: 0);

        Assert.Empty(result.Output);
        Says.All(result.Error, "CNI bridge plugin v");
    }

    [Theory]
    [MemberData(nameof(Plugins))]
    [Trait("Conformance", "C2")]
    public void An_unknown_command_is_named(string type)
    {
        string message = node.Plugin.Run(type, "add", node.NewNetwork().Config(), "id", "/run/netns/x", "eth0").ExpectError(code: 4);

        Says.All(message, "CNI_COMMAND", "add");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [Trait("Conformance", "C3")]
    [Trait("Conformance", "C4")]
    public void All_missing_variables_are_named_at_once(string? value)
    {
        string config = node.NewNetwork().Config();
        Dictionary<string, string?> noPath = new() { ["CNI_PATH"] = value };

        string added = node.Plugin.Run("bridge", "ADD", config, value, value, value).ExpectError(code: 4);
        Says.All(added, "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME");

        string deleted = node.Plugin.Run("bridge", "DEL", config, value, value, value, extraEnv: noPath).ExpectError(code: 4);
        Says.All(deleted, "CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH");
        Assert.DoesNotContain("CNI_NETNS", deleted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("-x")]
    [InlineData(".x")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("abc\n")]
    [Trait("Conformance", "C5")]
    public void A_malformed_container_id_is_refused(string id)
    {
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();
        foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
        {
            string message = node.Plugin.Run("bridge", verb, node.NewNetwork().Config(), id, pod.Netns, "eth0").ExpectError(code: 4);
            Says.All(message, "CNI_CONTAINERID", id);
        }
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("sixteen-bytes-ab")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("éééééééé")]
    [Trait("Conformance", "C6")]
    public void A_malformed_interface_name_is_refused(string name)
    {
        Pod pod = node.NewPod();
        foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
        {
            string message = node.Plugin.Run("bridge", verb, node.NewNetwork().Config(), pod.ContainerId, pod.Netns, name)
                .ExpectError(code: 4);
            Says.All(message, "CNI_IFNAME", name);
        }
    }

    [Fact]
    [Trait("Conformance", "C6")]
    public void An_interface_name_of_15_bytes_is_accepted()
    {
        Pod pod = node.NewPod();
        string config = node.NewNetwork().Config();

        _ = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "fifteen-bytes-a").ExpectSuccess();

        _ = node.Link("fifteen-bytes-a", pod);
        _ = node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "fifteen-bytes-a").ExpectSuccess();
        Assert.Null(node.FindLink("fifteen-bytes-a", pod));
    }

    [Theory]
    [MemberData(nameof(Independent))]
    [Trait("Conformance", "C7")]
    public void Verbs_without_an_attachment_ignore_its_variables(string type)
    {
        string config = node.NewNetwork().Config();
        foreach (string verb in (string[])["GC", "STATUS"])
        {
            _ = node.Plugin.Run(type, verb, config, "", "", "").ExpectSuccess();
            _ = node.Plugin.Run(type, verb, config, "a/b", "/nowhere", "a:b").ExpectSuccess();
        }
    }

    [Theory]
    [MemberData(nameof(Independent))]
    [Trait("Conformance", "C8")]
    public void Del_needs_no_namespace(string type) =>
        Assert.Empty(node.Plugin.Run(type, "DEL", node.NewNetwork().Config(), "id", netns: null, "eth0").ExpectSuccess().Output);

    [Theory]
    [InlineData("ADD")]
    [InlineData("CHECK")]
    [InlineData("DEL")]
    [InlineData("GC")]
    [InlineData("STATUS")]
    [Trait("Conformance", "C9")]
    public void A_missing_path_is_named(string verb)
    {
        Pod pod = node.NewPod();
        Dictionary<string, string?> noPath = new() { ["CNI_PATH"] = null };

        PluginResult result = node.Plugin.Run(
            "bridge", verb, node.NewNetwork().Config(), pod.ContainerId, pod.Netns, "eth0", extraEnv: noPath);

        Says.All(result.ExpectError(code: 4), "CNI_PATH");
    }

    [Theory]
    [InlineData("K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=abc;IgnoreUnknown=1")]
    [InlineData("IgnoreUnknown=true;K8S_POD_UID=1-2-3")]
    [InlineData("K8S_POD_NAME=a=b;")]
    [Trait("Conformance", "C10")]
    public void Unknown_arguments_do_not_matter(string args)
    {
        Pod pod = node.NewPod();
        string config = node.NewNetwork().Config();

        PluginResult added = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", args).ExpectSuccess();
        _ = node.Plugin.Run("bridge", "CHECK", added.WithPrevResult(config), pod.ContainerId, pod.Netns, "eth0", args).ExpectSuccess();
        _ = node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "eth0", args).ExpectSuccess();
    }

    [Theory]
    [InlineData("MAC=02:00:00:00:00", "MAC")]
    [InlineData("MAC=01:00:5e:00:00:01", "MAC")]
    [InlineData("IP=10.1.2.300", "IP")]
    [InlineData("IP=010.1.2.3", "IP")]
    [Trait("Conformance", "C11")]
    public void A_malformed_argument_changes_nothing(string args, string key)
    {
        TestNetwork network = node.NewNetwork();
        node.MakeStore(network.HostLocal());
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();

        string message = node.Plugin.Run("bridge", "ADD", network.Config(), pod.ContainerId, pod.Netns, "eth0", args).ExpectError(code: 4);

        Says.All(message, "CNI_ARGS", key, args.Split('=')[1]);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [MemberData(nameof(Plugins))]
    [Trait("Conformance", "C20")]
    [Trait("Conformance", "C21")]
    [Trait("Conformance", "C22")]
    public void Version_needs_and_touches_nothing(string type)
    {
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        string versions = string.Join(',', ChainedVerbMatrixTests.Versions(type).Select(version => $"\"{version}\""));
        foreach (string? dummy in (string?[])[null, "dummy"])
        {
            Dictionary<string, string?> path = new() { ["CNI_PATH"] = dummy };
            PluginResult result = node.Plugin.Run(type, "VERSION", """{ "cniVersion": "1.1.0" }""", null, dummy, dummy, extraEnv: path)
                .ExpectSuccess();

            Assert.Equal($$"""{"cniVersion":"1.1.0","supportedVersions":[{{versions}}]}""", result.Output.Trim());
        }
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("exec \"$0\" </dev/null")]
    [InlineData("exec \"$0\" <&-")]
    [InlineData("sleep 100 | \"$0\"")]
    [Trait("Conformance", "C20")]
    public void Version_does_not_wait_for_input(string command)
    {
        // The third shell's sleep ends with it: timeout kills the group, but only after the plugin has answered long since.
        string script = $"CNI_COMMAND=VERSION; export CNI_COMMAND; {command}";
        using RunningCommand running = node.Sandbox.Start(
            [
                "bash",
                "-c",
                "timeout 5 sh -c \"$1\" \"$2\" & wait -n; kill %1 2>/dev/null; true",
                "bash",
                script,
                $"{node.Plugin.Directory}/bridge",
            ]);

        running.WaitForOutput("supportedVersions");
        running.Kill();
    }
}
