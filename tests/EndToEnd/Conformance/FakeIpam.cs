using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// An IPAM plugin of somebody else's, beside our plugins in a directory of its own: a script that notes how it was called and answers as
/// told.
/// </summary>
public sealed class FakeIpam
{
    public const string Type = "fake-ipam";

    private const string Script = """
        #!/bin/sh
        cd "$(dirname "$0")"
        cat >"$CNI_COMMAND.stdin"
        env >"$CNI_COMMAND.env"
        echo "$CNI_COMMAND" >>verbs
        echo "fake-ipam says $CNI_COMMAND" >&2
        [ ! -e "$CNI_COMMAND.answer" ] || cat "$CNI_COMMAND.answer"
        [ ! -e "$CNI_COMMAND.fails" ]
        """;

    private readonly string _directory;

    private FakeIpam(ConformanceNode node, string directory)
    {
        _directory = directory;
        Plugin = new PluginProcess(node.Sandbox) { Directory = directory };
    }

    /// <summary>Runs our plugins where CNI_PATH leads to the fake, too.</summary>
    public PluginProcess Plugin { get; }

    /// <summary>The verbs that it was called with.</summary>
    public IReadOnlyList<string> Verbs => File.Exists(PathOf("verbs")) ? File.ReadAllLines(PathOf("verbs")) : [];

    public static FakeIpam In(ConformanceNode node)
    {
        string directory = node.NewDirectory();
        foreach (string name in PluginDirectory.Delivered)
            _ = File.CreateSymbolicLink(Path.Combine(directory, name), Path.Combine(node.Plugin.Directory, "cniplugin"));
        FakeIpam fake = new(node, directory);
        File.WriteAllText(fake.PathOf(Type), Script);
        File.SetUnixFileMode(fake.PathOf(Type), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return fake;
    }

    /// <summary>What it prints for a verb.</summary>
    public FakeIpam Answering(string verb, string answer)
    {
        File.WriteAllText(PathOf($"{verb}.answer"), answer);
        return this;
    }

    /// <summary>Makes it fail for a verb, with an error of the protocol.</summary>
    public FakeIpam Failing(string verb, int code, string message)
    {
        File.WriteAllText(PathOf($"{verb}.fails"), "");
        return Answering(verb, $$"""{ "cniVersion": "1.0.0", "code": {{code}}, "msg": "{{message}}" }""");
    }

    /// <summary>The standard input of its last call with a verb.</summary>
    public string Input(string verb) => File.ReadAllText(PathOf($"{verb}.stdin"));

    /// <summary>The environment of its last call with a verb, one variable a line.</summary>
    public string[] Environment(string verb) => File.ReadAllLines(PathOf($"{verb}.env"));

    public string PathOf(string file) => Path.Combine(_directory, file);
}
