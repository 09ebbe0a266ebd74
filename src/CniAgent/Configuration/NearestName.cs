namespace CniAgent.Configuration;

/// <summary>Finds what somebody meant who misspelt a name.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest letters to change; null if all are far.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        (string Name, int Distance) best = known.Select(other => (other, Distance(name, other))).MinBy(static other => other.Item2);
        return best.Distance <= Math.Max(2, name.Length / 3) ? best.Name : null;
    }

    // Levenshtein's distance, regardless of case.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int change = diagonal + (char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
