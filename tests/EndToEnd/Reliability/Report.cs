namespace EndToEnd.Reliability;

/// <summary>The figures of a run: with the test's output, and where scripts/reliability.sh wants them.</summary>
public static class Report
{
    private const int Shown = 20;

    private static readonly Lock s_lock = new();

    /// <summary>Says what was tried and what went wrong, and fails the test if something did.</summary>
    public static void End(string tried, params IReadOnlyCollection<string> failures)
    {
        string head = $"{tried}, seed {Effort.Seed}, {failures.Count} failures";
        Write(head);
        if (failures.Count == 0)
            return;
        foreach (string failure in failures)
            Write($"  {failure.ReplaceLineEndings(" ")}");
        Assert.Fail($"{head}\n{string.Join('\n', failures.Take(Shown))}");
    }

    private static void Write(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("RELIABILITY_REPORT") is not { Length: > 0 } file)
            return;
        lock (s_lock)
            File.AppendAllText(file, line + "\n");
    }
}
