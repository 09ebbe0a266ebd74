using System.Globalization;

namespace EndToEnd.Reliability;

/// <summary>
/// How much is tried, and with which seed: a bounded part in every run of the tests, more by hand with scripts/reliability.sh.
/// </summary>
public static class Effort
{
    /// <summary>The same in every run unless RELIABILITY_SEED says otherwise, so that a failure can be repeated.</summary>
    public static int Seed { get; } = Number("RELIABILITY_SEED") ?? 9;

    /// <summary>RELIABILITY_COUNT, which a test shares among its cases; without it what every run of the tests can afford.</summary>
    public static int PerCase(int bounded, int cases = 1) => Number("RELIABILITY_COUNT") is { } all ? Math.Max(1, all / cases) : bounded;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
