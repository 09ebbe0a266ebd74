using System.Text.RegularExpressions;
using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>
/// Listens to all changes of a host's network that the kernel tells of. A change of the test's own at either end proves that the listeners
/// heard what was between.
/// </summary>
public sealed partial class Silence
{
    private readonly ClusterHost _host;
    private readonly string _links;
    private readonly string _rules;
    private readonly RunningCommand[] _monitors;

    private Silence(ClusterHost host, string directory)
    {
        _host = host;
        _links = Path.Combine(directory, $"{host.Name}.links");
        _rules = Path.Combine(directory, $"{host.Name}.rules");
        _monitors =
        [
            host.Start("bash", "-c", "exec stdbuf -oL ip -o monitor all >\"$0\"", _links),
            host.Start("bash", "-c", "exec stdbuf -oL nft monitor >\"$0\"", _rules),
        ];
    }

    public static Silence ListenTo(ClusterHost host, RuntimeSandbox sandbox)
    {
        Silence silence = new(host, sandbox.Directory);
        // Neither monitor says when it listens.
        ClusterSandbox.Until("monitors listen", () => silence.Marked("begin"), host.Describe);
        return silence;
    }

    /// <summary>Asserts that nothing was changed since.</summary>
    public void AssertUnbroken()
    {
        ClusterSandbox.Until("monitors still listen", () => Marked("end"), _host.Describe);
        foreach (RunningCommand monitor in _monitors)
            monitor.Kill();
        Assert.Equal([], Between(_links).Where(static line => !IsOfTraffic(line)));
        Assert.Equal([], Between(_rules));
    }

    private bool Marked(string mark)
    {
        _ = _host.Script(
            $"""
            ip link add {mark} type bridge
            ip link delete {mark}
            nft "add table inet {mark}; delete table inet {mark}"
            """);
        return new[] { _links, _rules }.All(
            file => File.Exists(file) && File.ReadAllText(file).Contains($" {mark}", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Between(string file)
    {
        string[] lines = File.ReadAllLines(file);
        int begin = Array.FindLastIndex(lines, static line => Mentions(line, "begin"));
        int end = Array.FindIndex(lines, static line => Mentions(line, "end"));
        // The monitor may be late, and print a number where the link is gone whose name it would print.
        string[] marks =
        [
            .. MarkNumber().Matches(string.Join('\n', lines)).Select(static mark => $"if{mark.Groups["number"].Value}").Distinct(),
        ];
        return lines[(begin + 1)..end].Where(line => !line.StartsWith("# new generation", StringComparison.Ordinal)
            && !Array.Exists(marks, mark => Mentions(line, mark)));
    }

    [GeneratedRegex(@"\b(?<number>\d+): (begin|end)[:@]")]
    private static partial Regex MarkNumber();

    private static bool Mentions(string line, string mark) =>
        line.Split(' ', ':', '@').Contains(mark);

    /// <summary>What neighbours are asked and answer is no change of anybody's; entries that somebody made are permanent.</summary>
    private static bool IsOfTraffic(string line) =>
        line.Contains(" lladdr ", StringComparison.Ordinal) && !line.Contains("PERMANENT", StringComparison.Ordinal)
        || line.EndsWith(" FAILED", StringComparison.Ordinal);
}
