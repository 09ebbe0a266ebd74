namespace EndToEnd.Sandbox;

/// <summary>
/// The plugin directory under test: the published binary under the names that it delivers, beside plugins borrowed from the reference.
/// </summary>
public sealed class PluginDirectory
{
    /// <summary>The plugins that are ours. A name moves up from <see cref="Borrowed"/> when the binary learns it.</summary>
    public static readonly IReadOnlyList<string> Delivered =
    [
        "bandwidth",
        "bridge",
        "dhcp",
        "dummy",
        "endpoint",
        "firewall",
        "host-device",
        "host-local",
        "ipvlan",
        "loopback",
        "macvlan",
        "portmap",
        "ptp",
        "sbr",
        "static",
        "tap",
        "tuning",
        "vlan",
        "vrf",
    ];

    /// <summary>Those that serve alone. Without its daemon, dhcp can tell neither what there is to release nor that it works.</summary>
    public static readonly IReadOnlyList<string> Independent = [.. Delivered.Where(static type => type != "dhcp")];

    /// <summary>What runtimes also ask for and Debian's containernetworking-plugins still gives.</summary>
    public static readonly IReadOnlyList<string> Borrowed = [];

    /// <summary>Where Debian's containernetworking-plugins puts the reference.</summary>
    internal const string Reference = "/usr/lib/cni";

    private const string Variable = "CNIPLUGIN_BIN_DIR";

    private PluginDirectory(string path) => Path = path;

    public string Path { get; }

    /// <summary>
    /// CNIPLUGIN_BIN_DIR holds the reference's plugins: for work on these tests before the binary exists. What only ours does is then not
    /// asserted, and scripts/test.sh never does it.
    /// </summary>
    public static bool IsReference => Environment.GetEnvironmentVariable(Variable) == Reference;

    /// <summary>Fills a directory: copies, so that it works wherever it is mounted, with relative links as install.sh makes them.</summary>
    public static PluginDirectory CreateAt(string path)
    {
        string source = Environment.GetEnvironmentVariable(Variable) ?? throw new InvalidOperationException(
            $"{Variable} is not set: name the directory of the published binary and its links, as scripts/test.sh does.");
        _ = Directory.CreateDirectory(path);
        if (IsReference)
        {
            foreach (string name in Delivered)
                Copy(source, name, path);
        }
        else
        {
            Copy(source, "cniplugin", path);
            foreach (string name in Delivered)
                _ = File.CreateSymbolicLink(System.IO.Path.Combine(path, name), "cniplugin");
        }

        foreach (string name in Borrowed)
            Copy(Reference, name, path);
        return new PluginDirectory(path);
    }

    private static void Copy(string from, string name, string to)
    {
        string file = System.IO.Path.Combine(from, name);
        if (!File.Exists(file))
        {
            throw new InvalidOperationException(
                $"{file} does not exist: {Variable} is {Environment.GetEnvironmentVariable(Variable)}, and scripts/setup-tests.sh installs "
                + "the reference.");
        }
        File.Copy(file, System.IO.Path.Combine(to, name));
    }
}
