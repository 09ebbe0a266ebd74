using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Cni;

/// <summary>How answers and records are written: indented by four spaces as libcni does, no byte order mark, in one piece.</summary>
public static class JsonOutput
{
    /// <summary>
    /// Escapes all but ASCII. <see cref="JavaScriptEncoder.Default"/> would do the same, but making it costs a tenth of a millisecond for
    /// a table of every character.
    /// </summary>
    public static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.BasicLatin);

    /// <summary>Writes one object.</summary>
    /// <param name="content">Writes its members.</param>
    /// <param name="indented">Several lines, for people.</param>
    public static byte[] Write(Action<Utf8JsonWriter> content, bool indented = true)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter writer = new(buffer, new JsonWriterOptions
        {
            Encoder = Encoder,
            Indented = indented,
            IndentSize = 4,
            SkipValidation = true,
        });
        writer.WriteStartObject();
        content(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
