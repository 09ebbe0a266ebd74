using System.Net;
using System.Text;
using System.Text.Json;
using Linux.Addresses;

namespace Cni;

/// <summary>
/// Walks a JSON document once, by the rules that Go's decoder taught every CNI peer: keys match in any case, a member or element that is
/// null counts as absent, the last of several equal keys wins because members are handed out in order, whole numbers have no
/// fraction and no exponent. Values that nobody asks for are skipped. Nothing is allocated but the values.
/// <code>
/// cursor.EnterObject();
/// while (cursor.NextMember())
/// {
///     if (cursor.Is("mtu"u8)) mtu = cursor.Int32();
///     else if (cursor.Is("dns"u8)) dns = CniDns.Read(ref cursor);
/// }
/// </code>
/// Every failure is a <see cref="CniException"/> that names the key's path, the value and what was expected.
/// </summary>
public ref struct JsonCursor
{
    /// <summary>Nested deeper than anybody's configuration, and no danger to the stack.</summary>
    internal const int MaxDepth = 256;

    private readonly ReadOnlySpan<byte> _json;
    private readonly string _document;
    private readonly string _path;
    private Utf8JsonReader _reader;
    private ReadOnlySpan<byte> _key;
    private bool _entered;

    /// <summary>Stands on the document's only value.</summary>
    /// <param name="json">UTF-8, no byte order mark.</param>
    /// <param name="document">What the document is called in messages.</param>
    /// <param name="path">Where it lies in a larger document, for example <c>prevResult</c>; empty if it is whole.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.DecodingFailure"/></exception>
    public JsonCursor(ReadOnlySpan<byte> json, string document, string path = "")
    {
        _json = json;
        _document = document;
        _path = path;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        Read();
    }

    /// <summary>The key of the member that <see cref="NextMember"/> found, escapes decoded.</summary>
    public readonly string Key => Encoding.UTF8.GetString(_key);

    /// <summary>Whether the member's key is this one, in any case.</summary>
    /// <param name="key">ASCII.</param>
    public readonly bool Is(ReadOnlySpan<byte> key) => Ascii.EqualsIgnoreCase(_key, key);

    /// <summary>Whether the value is a list, where a peer may send either that or something else.</summary>
    public readonly bool IsArray => _reader.TokenType == JsonTokenType.StartArray;

    public void EnterObject() => Enter(JsonTokenType.StartObject, Expectation.Object);

    public void EnterArray() => Enter(JsonTokenType.StartArray, Expectation.List);

    /// <summary>Goes to the next member's value; false at the end of the object.</summary>
    public bool NextMember()
    {
        LeaveValue();
        while (true)
        {
            Read();
            if (_reader.TokenType == JsonTokenType.EndObject)
                return false;
            _key = _reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(DecodeString()) : _reader.ValueSpan;
            Read();
            if (_reader.TokenType != JsonTokenType.Null)
                return true;
        }
    }

    /// <summary>Goes to the next element; false at the end of the list.</summary>
    public bool NextElement()
    {
        LeaveValue();
        do
        {
            Read();
        }
        while (_reader.TokenType == JsonTokenType.Null);
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Reads to the end, so that garbage behind the value is found.</summary>
    public void Finish()
    {
        LeaveValue();
        try
        {
            _ = _reader.Read();
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
    }

    /// <summary>A string without NUL: most become names, paths or arguments of the kernel, which end at the first.</summary>
    public readonly string String()
    {
        string text = AnyString();
        return text.Contains('\0') ? throw Invalid("a string without NUL (\\u0000)") : text;
    }

    /// <summary>A string that nothing but people or a peer will read.</summary>
    public readonly string AnyString() =>
        _reader.TokenType == JsonTokenType.String ? DecodeString() : throw Expected(Expectation.Text);

    public readonly bool Boolean() => _reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Expected(Expectation.Boolean),
    };

    public readonly int Int32() =>
        IsNumber && _reader.TryGetInt32(out int value) ? value : throw Expected("a whole number of 32 bits");

    public readonly uint UInt32() =>
        IsNumber && _reader.TryGetUInt32(out uint value) ? value : throw Expected("a whole number of 32 bits, not negative");

    public readonly long Int64() =>
        IsNumber && _reader.TryGetInt64(out long value) ? value : throw Expected("a whole number of 64 bits");

    public readonly ulong UInt64() =>
        IsNumber && _reader.TryGetUInt64(out ulong value) ? value : throw Expected("a whole number of 64 bits, not negative");

    /// <summary>An address; null for "", which peers write for none.</summary>
    public readonly IPAddress? Address()
    {
        string text = String();
        if (text.Length == 0)
            return null;
        return IpText.TryParse(text, out IPAddress address) ? address : throw Invalid(Expectation.Address);
    }

    /// <summary>An address with its prefix length; host bits stay.</summary>
    public readonly IpPrefix Prefix() =>
        IpPrefix.TryParse(String(), out IpPrefix prefix) ? prefix : throw Invalid(Expectation.Prefix);

    /// <summary>A hardware address; null for "".</summary>
    public readonly MacAddress? Mac()
    {
        string text = String();
        if (text.Length == 0)
            return null;
        return MacAddress.TryParse(text, out MacAddress mac) ? mac : throw Invalid(Expectation.Mac);
    }

    /// <summary>A list of strings.</summary>
    public List<string> Strings()
    {
        List<string> strings = [];
        EnterArray();
        while (NextElement())
            strings.Add(String());
        return strings;
    }

    /// <summary>The value's own text, whatever it is; it is passed.</summary>
    public ReadOnlySpan<byte> Raw() => _json[RawRange()];

    /// <summary>Where the value's text lies in the document; it is passed.</summary>
    public Range RawRange()
    {
        int start = (int)_reader.TokenStartIndex;
        LeaveValue();
        return start..(int)_reader.BytesConsumed;
    }

    /// <summary>The error for a value of the right type that cannot be used.</summary>
    /// <param name="expected">For example <c>a number from 0 to 4094</c>.</param>
    public readonly CniException Invalid(string expected) => Problem(CniErrorCode.InvalidNetworkConfig, expected);

    /// <summary>The error for a value of the wrong type.</summary>
    public readonly CniException Expected(string expected) => Problem(CniErrorCode.DecodingFailure, expected);

    /// <summary>The error for the object just read that lacks a member.</summary>
    public readonly CniException Lacks(string key) => JsonFault.Lacks(_json, (int)_reader.TokenStartIndex, _document, _path, key);

    private readonly bool IsNumber => _reader.TokenType == JsonTokenType.Number;

    private void Enter(JsonTokenType start, string expected)
    {
        if (_reader.TokenType != start)
            throw Expected(expected);
        _entered = true;
    }

    /// <summary>Passes what is left of the current value, unless its members are just to be read.</summary>
    private void LeaveValue()
    {
        try
        {
            if (!_entered && _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                _reader.Skip();
            _entered = false;
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
    }

    private void Read()
    {
        try
        {
            _ = _reader.Read();
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
    }

    private readonly string DecodeString()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Expected("a string of valid Unicode");
        }
    }

    private readonly CniException Malformed(JsonException e) => JsonFault.Malformed(_json, _document, e);

    private readonly CniException Problem(CniErrorCode code, string expected) =>
        JsonFault.Unexpected(code, _json, (int)_reader.TokenStartIndex, _document, _path, expected);
}
