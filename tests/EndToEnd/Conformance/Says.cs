namespace EndToEnd.Conformance;

/// <summary>What a message must tell its reader.</summary>
internal static class Says
{
    /// <summary>Asserts that a text holds every one of some words.</summary>
    public static void All(string text, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
            Assert.Contains(word, text, StringComparison.Ordinal);
    }
}
