using System.Globalization;

namespace Cni;

/// <summary>The versions of the CNI specification. They are compared as exact text, as libcni does: <c>1.1</c> is unknown.</summary>
public static class CniVersions
{
    /// <summary>What a configuration without a version means.</summary>
    public const string Default = "0.1.0";

    /// <summary>The newest specification that this code speaks; the answer to VERSION carries it.</summary>
    public const string Newest = "1.1.0";

    /// <summary>Every version, oldest first.</summary>
    public static IReadOnlyList<string> All { get; } = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", Newest];

    /// <summary>The versions from one on, for plugins that came later.</summary>
    public static IReadOnlyList<string> From(string oldest) => [.. All.SkipWhile(version => version != oldest)];

    /// <summary>
    /// Whether results of this version must hold an address, so that a network without any must be refused (0.1.0 and 0.2.0).
    /// </summary>
    public static bool NeedsAddress(string version) => FamilyOf(version) == ResultFamily.Ip4AndIp6;

    /// <summary>The family of a version, null if no such version exists.</summary>
    internal static ResultFamily? FamilyOf(string version) => version switch
    {
        "0.1.0" or "0.2.0" => ResultFamily.Ip4AndIp6,
        "0.3.0" or "0.3.1" or "0.4.0" => ResultFamily.VersionedIps,
        "1.0.0" or "1.1.0" => ResultFamily.Ips,
        _ => null,
    };

    /// <summary>Parses up to three numbers with dots between; a missing one is 0.</summary>
    internal static Version? TryParse(string text)
    {
        Span<int> numbers = stackalloc int[3];
        int count = 0;
        foreach (Range part in text.AsSpan().Split('.'))
        {
            if (count == 3 || !int.TryParse(text.AsSpan(part), NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count++]))
                return null;
        }
        return new Version(numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>The oldest version whose configurations allow a verb.</summary>
    internal static string OldestFor(CniVerb verb) => verb switch
    {
        CniVerb.Check => "0.4.0",
        CniVerb.Gc or CniVerb.Status => "1.1.0",
        _ => Default,
    };
}
