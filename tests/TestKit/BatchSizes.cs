using System.Globalization;

namespace TestKit;

/// <summary>Sizes of batches around which buffers of the usual sizes end, and some by chance.</summary>
public static class BatchSizes
{
    private static readonly int[] s_edges = [1, 2, 31, 32, 33, 48, 49, 126, 127, 128, 149, 199, 200, 201, 255, 256, 257, 511, 512, 600];

    // More than any test takes on a loaded machine; a hang takes for ever.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a test for each size on a thread of its own, and fails if it does not end.</summary>
    public static void ForAll(Action<int> test)
    {
        string? given = Environment.GetEnvironmentVariable("CNIPLUGIN_TEST_SEED");
        int seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"CNIPLUGIN_TEST_SEED={seed}");
        Random random = new(seed);
        foreach (int count in s_edges.Concat(Enumerable.Range(0, 3).Select(_ => random.Next(1, 601))))
        {
            Exception? failure = null;
            Thread thread = new(() => failure = Record.Exception(() => test(count))) { IsBackground = true };
            thread.Start();
            Assert.True(thread.Join(s_patience), $"{count} hang");
            Assert.True(failure is null, $"{count} (CNIPLUGIN_TEST_SEED={seed}): {failure}");
        }
    }
}
