namespace EndToEnd.Sandbox;

/// <summary>
/// What attachments can leave on a node: links, routes, rules, nftables objects, network namespaces, cached results and lease files, one
/// line each. What attachments share (a bridge with its addresses, base chains) stays by intent: take the first state after one pod has
/// come and gone.
/// </summary>
public sealed class NodeState
{
    private const string Listing = """
        ip -o link show | awk '{ print "link", $2 }'
        for family in -4 -6; do
          ip -o $family route show table all | sed "s/^/route $family /; s/ linkdown//"
          ip -o $family rule show | sed "s/^/rule $family /"
        done
        nft --stateless list ruleset | awk '/^table/ { table = $2 " " $3 } { $1 = $1; print "nft", table, $0 }'
        find /run/cni /run/netns /run/containers /var/lib/cni -type f -printf 'file %p\n' 2>/dev/null || true
        """;

    private readonly string[] _lines;

    private NodeState(string[] lines) => _lines = lines;

    public static NodeState Of(RuntimeSandbox sandbox) =>
        new([.. sandbox.Run("sh", "-euc", Listing).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !IsUnsteady(line))]);

    /// <summary>Asserts that nothing is here that was not in <paramref name="earlier"/>, and nothing is missing.</summary>
    public void AssertSameAs(NodeState earlier)
    {
        string[] differences =
        [
            .. _lines.Except(earlier._lines).Select(line => $"+ {line}"),
            .. earlier._lines.Except(_lines).Select(line => $"- {line}"),
        ];
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }

    /// <summary>Asserts that no line mentions an attachment's container.</summary>
    public void AssertNoTraceOf(string containerId) =>
        Assert.DoesNotContain(_lines, line => line.Contains(containerId, StringComparison.Ordinal));

    // What the kernel adds for addresses of its own comes and goes with carrier and duplicate address detection.
    private static bool IsUnsteady(string line) =>
        line.StartsWith("route -6", StringComparison.Ordinal)
        && (line.Contains(" fe80:", StringComparison.Ordinal) || line.Contains(" table local ", StringComparison.Ordinal));
}
