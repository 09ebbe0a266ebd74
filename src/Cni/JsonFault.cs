using System.Text;
using System.Text.Json;

namespace Cni;

/// <summary>
/// Words for what is wrong with a document. Paths are found by reading the document again up to the fault, so that nothing has to be
/// recorded while all is well.
/// </summary>
internal static class JsonFault
{
    private const int MaxValueLength = 60;

    /// <summary>The document is not JSON.</summary>
    public static CniException Malformed(ReadOnlySpan<byte> json, string document, JsonException cause)
    {
        string problem = json.TrimStart(" \t\r\n"u8).IsEmpty ? "is empty"
            : json.StartsWith(Encoding.UTF8.Preamble) ? "begins with a byte order mark, which JSON does not allow"
            : $"is not valid JSON at line {cause.LineNumber + 1}, column {cause.BytePositionInLine + 1}: {Reason(cause)}";
        return new CniException(CniErrorCode.DecodingFailure, $"{document} {problem}", inner: cause);
    }

    /// <summary>
    /// The value or key that begins at an offset is not what was expected; that the document is no JSON behind it goes before.
    /// </summary>
    public static CniException Unexpected(
        CniErrorCode code, ReadOnlySpan<byte> json, int offset, string document, string path, string expected)
    {
        try
        {
            (string inner, string value) = Locate(json, offset);
            return new CniException(code, $"{document}: {Place(path, inner)} is {value}, expected {expected}");
        }
        catch (JsonException e)
        {
            return Malformed(json, document, e);
        }
    }

    /// <summary>The object that ends at an offset must have a member.</summary>
    public static CniException Lacks(ReadOnlySpan<byte> json, int offset, string document, string path, string key)
    {
        try
        {
            (string inner, _) = Locate(json, offset);
            return CniException.InvalidConfig($"{document}: {Place(path, inner)} has no \"{key}\"");
        }
        catch (JsonException e)
        {
            return Malformed(json, document, e);
        }
    }

    /// <summary>The path of the token at an offset, such as <c>ipam.ranges[0][1].subnet</c>, and its text.</summary>
    /// <exception cref="JsonException">The document is no JSON, before the token or behind it.</exception>
    private static (string Path, string Value) Locate(ReadOnlySpan<byte> json, int offset)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        // Per level: the key last read in an object, or the index of the element in a list.
        List<(string? Key, int Index)> levels = [];
        string path = "", value = "nothing";
        while (reader.Read())
        {
            if (reader.TokenStartIndex > offset)
                continue;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    levels[^1] = (Encoding.UTF8.GetString(reader.ValueSpan), 0);
                    path = Join(levels);
                    value = "a key";
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    levels.RemoveAt(levels.Count - 1);
                    path = Join(levels);
                    value = "an object or a list";
                    break;
                default:
                    if (levels.Count > 0 && levels[^1].Key is null)
                        levels[^1] = (null, levels[^1].Index + 1);
                    path = Join(levels);
                    value = Describe(ref reader);
                    if (reader.TokenType is JsonTokenType.StartObject)
                        levels.Add(("", 0));
                    else if (reader.TokenType is JsonTokenType.StartArray)
                        levels.Add((null, -1));
                    break;
            }
        }
        return (path, value);
    }

    /// <summary>The reader's own words, without the place behind them: it counts lines and bytes from 0.</summary>
    private static string Reason(JsonException cause) =>
        cause.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal) is >= 0 and var end ? cause.Message[..end] : cause.Message;

    private static string Place(string path, string inner) => (path.Length > 0, inner.Length > 0) switch
    {
        (true, true) when inner[0] != '[' => $"{path}.{inner}",
        (true, _) => path + inner,
        (false, true) => inner,
        (false, false) => "the document",
    };

    private static string Join(List<(string? Key, int Index)> levels)
    {
        StringBuilder path = new();
        foreach ((string? key, int index) in levels)
        {
            if (key is null)
                _ = path.Append('[').Append(index).Append(']');
            else
                _ = path.Append(path.Length > 0 ? "." : "").Append(key);
        }
        return path.ToString();
    }

    private static string Describe(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return Expectation.Object;
        if (reader.TokenType == JsonTokenType.StartArray)
            return Expectation.List;
        string text = Encoding.UTF8.GetString(reader.ValueSpan);
        if (text.Length > MaxValueLength)
            text = text[..(char.IsHighSurrogate(text[MaxValueLength - 1]) ? MaxValueLength - 1 : MaxValueLength)] + "…";
        return reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
    }
}
