using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Linux;

namespace Cni;

/// <summary>Reads a plugin's configuration type from stdin's bytes.</summary>
internal static class TypedConfig
{
    /// <exception cref="CniException">A value has the wrong type or cannot be used.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        // Null is absence, so that properties keep their defaults. Few documents hold a null.
        ReadOnlySpan<byte> present = json.Span.IndexOf("null"u8) < 0 ? json.Span : WithoutNulls(json.Span);
        try
        {
            return JsonSerializer.Deserialize(present, type)
                ?? throw new CniException(CniErrorCode.DecodingFailure, $"{NetworkConfig.Document}: the document is null, expected an object");
        }
        catch (JsonException e)
        {
            throw Explain(e, present, type);
        }
    }

    private static CniException Explain(JsonException e, ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        Type? expected = FindType(type, e.Path ?? "$");
        int offset = Offset(json, e);
        if (expected is null || e.Message.Contains("required properties", StringComparison.Ordinal))
            return new CniException(CniErrorCode.InvalidNetworkConfig, $"{NetworkConfig.Document}: {e.Path}: {e.Message}", inner: e);
        return JsonFault.Unexpected(
            e is InvalidValueException ? CniErrorCode.InvalidNetworkConfig : CniErrorCode.DecodingFailure,
            json, offset, NetworkConfig.Document, path: "", Expected(expected));
    }

    /// <summary>The last byte of the token that could not be read.</summary>
    private static int Offset(ReadOnlySpan<byte> json, JsonException e)
    {
        int line = 0, start = 0;
        for (; line < e.LineNumber; line++)
            start += json[start..].IndexOf((byte)'\n') + 1;
        return start + (int)(e.BytePositionInLine ?? 0) - 1;
    }

    /// <summary>The type of the property or element at a path such as <c>$.ipam.ranges[0][1].subnet</c>.</summary>
    private static Type? FindType(JsonTypeInfo type, string path)
    {
        Type current = type.Type;
        foreach (string step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == "$")
                continue;
            JsonTypeInfo info = type.Options.GetTypeInfo(current);
            Type? next = info.ElementType;
            if (step[0] != '[')
                next ??= info.Properties.FirstOrDefault(property => property.Name.Equals(step, StringComparison.OrdinalIgnoreCase))?.PropertyType;
            if (next is null)
                return null;
            current = next;
        }
        return Nullable.GetUnderlyingType(current) ?? current;
    }

    private static string Expected(Type type)
    {
        if (type == typeof(string))
            return Expectation.Text;
        if (type == typeof(bool))
            return Expectation.Boolean;
        if (type == typeof(IpPrefix))
            return Expectation.Prefix;
        if (type == typeof(IPAddress))
            return Expectation.Address;
        if (type == typeof(MacAddress))
            return Expectation.Mac;
        if (type.IsPrimitive)
            return $"a whole number ({type.Name})";
        return type.IsArray || type.IsGenericType ? Expectation.List : Expectation.Object;
    }

    /// <summary>The document without its null members and elements.</summary>
    private static ReadOnlySpan<byte> WithoutNulls(ReadOnlySpan<byte> json)
    {
        ArrayBufferWriter<byte> buffer = new(json.Length);
        using Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Encoder = JsonOutput.Encoder, SkipValidation = true });
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        string? key = null;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                key = reader.GetString();
                continue;
            }
            if (key is not null && reader.TokenType != JsonTokenType.Null)
                writer.WritePropertyName(key);
            key = null;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    writer.WriteRawValue(json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed], skipInputValidation: true);
                    break;
            }
        }
        writer.Flush();
        return buffer.WrittenSpan;
    }
}
