using Linux.Processes;

namespace Linux.Tests.Processes;

/// <summary>Alone, since for a moment a broken pipe of another test would end the process.</summary>
[CollectionDefinition(nameof(SignalsTests), DisableParallelization = true)]
[Collection(nameof(SignalsTests))]
public sealed class SignalsTests
{
    [Fact]
    public void What_a_write_raises_is_ignored_but_for_what_is_executed()
    {
        Signals.IgnoreFileSizeLimit();
        AssertIgnored(true);
        _ = Signals.ForProgram(static () =>
        {
            AssertIgnored(false);
            return 0;
        });
        AssertIgnored(true);
        _ = Assert.Throws<InvalidOperationException>(
            static () => Signals.ForProgram<int>(static () => throw new InvalidOperationException()));
        AssertIgnored(true);
    }

    /// <summary>Of proc(5)'s mask bit 12 is SIGPIPE (13), bit 24 SIGXFSZ (25).</summary>
    private static void AssertIgnored(bool expected)
    {
        string line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong mask = Convert.ToUInt64(line[7..].Trim(), 16);
        Assert.Equal((expected, expected), ((mask >> 12 & 1) != 0, (mask >> 24 & 1) != 0));
    }
}
