namespace Cni;

/// <summary>
/// CNI_ARGS: <c>KEY=VALUE;KEY=VALUE</c>, keys in exact case. Unknown keys never matter, so <c>IgnoreUnknown</c> has nothing to do; a value
/// may hold '='; empty segments are skipped; of several values for one key the last counts.
/// </summary>
public sealed class CniArgs
{
    private readonly List<KeyValuePair<string, string>> _pairs = [];

    /// <summary>No arguments.</summary>
    public static CniArgs Empty { get; } = new();

    /// <summary>Splits the variable's text.</summary>
    /// <param name="text">CNI_ARGS.</param>
    /// <param name="tolerant">Skip segments without '=', as DEL does: it must not fail for something that it can do without.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.InvalidEnvironment"/>: a segment has no '='.</exception>
    public static CniArgs Parse(string text, bool tolerant = false)
    {
        if (text.Length == 0)
            return Empty;
        CniArgs args = new();
        foreach (Range range in text.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> segment = text.AsSpan(range);
            int equals = segment.IndexOf('=');
            if (equals >= 0)
                args._pairs.Add(new(segment[..equals].ToString(), segment[(equals + 1)..].ToString()));
            else if (segment.Length > 0 && !tolerant)
                throw new CniException(CniErrorCode.InvalidEnvironment, $"CNI_ARGS: \"{segment}\" is not of the form KEY=VALUE");
        }
        return args;
    }

    /// <summary>The value of a key; null if the key is absent, or its value empty.</summary>
    public string? Find(string key)
    {
        for (int i = _pairs.Count - 1; i >= 0; i--)
        {
            if (_pairs[i].Key == key)
                return _pairs[i].Value.Length > 0 ? _pairs[i].Value : null;
        }
        return null;
    }

    /// <summary>The error for a value that cannot be used.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="expected">What it should be, for example <c>a MAC address such as 02:00:00:00:00:01</c>.</param>
    public CniException Invalid(string key, string expected) =>
        new(CniErrorCode.InvalidEnvironment, $"CNI_ARGS: {key} is \"{Find(key)}\", expected {expected}");
}
