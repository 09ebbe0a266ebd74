namespace Cni;

/// <summary>The names that container IDs and networks may have (CNI specification 1.1.0, sections 1 and 2).</summary>
public static class Identifier
{
    /// <summary>The rule, for messages.</summary>
    public const string Rule = "ASCII letters, digits, '_', '.' and '-', beginning with a letter or digit";

    public static bool IsValid(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetterOrDigit(text[0]))
            return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return false;
        }
        return true;
    }
}
