using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EndToEnd.Reliability;

/// <summary>Makes inputs that nobody meant out of good ones.</summary>
public sealed class Mutation(Random random)
{
    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "1e999", "-0.0", "4294967296", "18446744073709551616", "99999999999999999999999999",
        "1.5", "\"\"", "\"a\\u0000b\"",
        "\"\\ud800\"", "\"../../etc/passwd\"", "\"/dev/zero\"", "\"/run/fifo\"", "\"/proc/self/mem\"",
        "\"0.0.0.0/0\"", "\"::/0\"", "\"255.255.255.255\"", "\"fe80::1%lo\"",
        "\"300.1.2.3/99\"", "\"ff:ff:ff:ff:ff:ff\"", "\"lo\"", "\"1.1.0\"", "\"99.0.0\"", "[]", "{}",
        "[[]]", "[null]", "{\"\":null}", "\"日本語\"", "\"%s%n\"",
    ];

    private static readonly byte[][] s_tokens =
    [
        .. ((string[])
        [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u0000",
            "\\u",
            "null",
            "nul",
            "tru",
            "-",
            "1e",
            "\0",
            "\uFEFF",
            "//",
            "/*",
            "\r\n",
            "'",
            "NaN",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5],
    ];

    /// <summary>A JSON text, changed once or a few times in its bytes or in its values.</summary>
    public byte[] Json(string text)
    {
        byte[] bytes = random.Next(2) == 0 ? Encoding.UTF8.GetBytes(InValues(text)) : Encoding.UTF8.GetBytes(text);
        for (int times = random.Next(3); times > 0; times--)
            bytes = InBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// An environment variable's value, changed; null: it is unset. No NUL can stand in it, and not more than 128 KiB with its name.
    /// </summary>
    public byte[]? Variable(string value) => random.Next(12) switch
    {
        0 => null,
        1 => [],
        2 => Encoding.UTF8.GetBytes(new string('a', 1 << random.Next(17))),
        3 => Encoding.UTF8.GetBytes($"{value}/../../{value}"),
        4 => Encoding.UTF8.GetBytes(Pick(s_values).Trim('"')),
        5 => Encoding.UTF8.GetBytes($"IP={Pick(s_values).Trim('"')};MAC={Pick(s_values).Trim('"')};K8S_POD_NAME={value}"),
        6 => Encoding.UTF8.GetBytes($";;=;{value}=;IgnoreUnknown=2"),
        _ => [.. InBytes(Encoding.UTF8.GetBytes(value)).Where(static letter => letter != 0).Take(100_000)],
    };

    private byte[] InBytes(byte[] bytes)
    {
        int at = random.Next(bytes.Length + 1), end = at + random.Next(Math.Min(40, bytes.Length - at) + 1);
        return random.Next(9) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            3 => [.. bytes[..at], .. Pick(s_tokens), .. bytes[at..]],
            4 => [.. bytes[..at], .. Pick(s_tokens), .. bytes[end..]],
            5 => [.. bytes[..at], (byte)random.Next(256), .. bytes[Math.Min(at + 1, bytes.Length)..]],
            6 => [.. bytes, .. bytes],
            7 => [.. bytes[..at], .. Deep(), .. bytes[at..]],
            _ => [.. bytes[..at], .. Encoding.UTF8.GetBytes(Pick(s_values)), .. bytes[end..]],
        };
    }

    private byte[] Deep()
    {
        int depth = 1 << random.Next(16);
        string closed = new string('[', depth) + new string(']', depth), open = string.Concat(Enumerable.Repeat("{\"a\":", depth));
        return Encoding.UTF8.GetBytes(random.Next(2) == 0 ? closed : open);
    }

    // A value anywhere in the tree is replaced, also by one with something broken behind it, removed, or doubled under the same key or
    // under another case of it.
    private string InValues(string text)
    {
        JsonNode root = JsonNode.Parse(text)!;
        List<JsonObject> objects = [];
        Collect(root, objects);
        JsonObject[] filled = [.. objects.Where(static node => node.Count > 0)];
        if (filled.Length == 0)
            return text;
        JsonObject chosen = Pick(filled);
        (string key, JsonNode? value) = chosen.ElementAt(random.Next(chosen.Count));
        const string Marker = "\"@mutated@\"";
        chosen[key] = "@mutated@";
        string json = root.ToJsonString();
        string name = $"\"{JsonEncodedText.Encode(key)}\"", old = value?.ToJsonString() ?? "null";
        return random.Next(6) switch
        {
            0 => json.Replace(Marker, $"{old},{name}:{Pick(s_values)}", StringComparison.Ordinal),
            1 => json.Replace(Marker, $"{Pick(s_values)},{name.ToUpperInvariant()}:{old}", StringComparison.Ordinal),
            2 => json.Replace(Marker, $"[{old},{old}]", StringComparison.Ordinal),
            3 => json.Replace($"{name}:{Marker}", $"\"other\":{old}", StringComparison.Ordinal),
            4 => json.Replace(Marker, $"{Pick(s_values)} {Encoding.UTF8.GetString(Pick(s_tokens))}", StringComparison.Ordinal),
            _ => json.Replace(Marker, Pick(s_values), StringComparison.Ordinal),
        };
    }

    private static void Collect(JsonNode? node, List<JsonObject> objects)
    {
        if (node is JsonObject members)
        {
            objects.Add(members);
            foreach ((_, JsonNode? member) in members)
                Collect(member, objects);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Collect(item, objects);
        }
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
