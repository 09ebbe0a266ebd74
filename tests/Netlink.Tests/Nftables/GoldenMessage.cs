using System.Globalization;
using System.Runtime.InteropServices;
using Netlink.Wire;

namespace Netlink.Tests.Nftables;

/// <summary>A captured message: hexadecimal bytes, one attribute on a line, indented by its depth, with a comment behind '#'.</summary>
internal sealed class GoldenMessage
{
    private readonly List<Line> _lines = [];

    /// <summary>Reads a capture.</summary>
    /// <param name="text">The capture.</param>
    /// <param name="leftOut">Names of attributes that nft sends and the kernel does not need; they are cut out.</param>
    public GoldenMessage(string text, params ReadOnlySpan<string> leftOut)
    {
        foreach (string row in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = row.Split('#', 2);
            byte[] bytes = [.. parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Byte)];
            if (parts.Length == 1)
                _lines[^1] = _lines[^1] with { Bytes = [.. _lines[^1].Bytes, .. bytes] };
            else
                _lines.Add(new Line(row.TakeWhile(static c => c == ' ').Count(), bytes, parts[1].Trim()));
        }
        foreach (string name in leftOut)
        {
            int at = _lines.FindIndex(line => line.Comment.Split(' ', ',')[0] == name);
            Assert.True(at >= 0, $"the capture has no {name}");
            Remove(at);
        }
    }

    /// <summary>nlmsg_type.</summary>
    public ushort Type => MemoryMarshal.Read<ushort>(_lines[0].Bytes.AsSpan(4));

    /// <summary>What follows the message's header.</summary>
    public byte[] Payload => [.. _lines.Skip(1).SelectMany(static line => line.Bytes)];

    /// <summary>Asserts that a message is this one; both are shown attribute by attribute if it is not.</summary>
    public void AssertEqual(MessageReader actual)
    {
        Assert.Equal(Type, actual.Type);
        if (actual.Payload.SequenceEqual(Payload))
            return;
        ReadOnlySpan<byte> rest = actual.Payload;
        List<string> rows = [];
        foreach (Line line in _lines.Skip(1))
        {
            ReadOnlySpan<byte> part = rest[..Math.Min(rest.Length, line.Bytes.Length)];
            rest = rest[part.Length..];
            char mark = part.SequenceEqual(line.Bytes) ? ' ' : '!';
            rows.Add($"{mark} {Convert.ToHexStringLower(line.Bytes)} {Convert.ToHexStringLower(part)} {line.Comment}");
        }
        Assert.Fail($"captured, written:\n{string.Join('\n', rows)}\n  written beyond: {Convert.ToHexStringLower(rest)}");
    }

    private static byte Byte(string hex) => byte.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private void Remove(int at)
    {
        (int depth, byte[] bytes, _) = _lines[at];
        _lines.RemoveAt(at);
        // Whatever encloses it becomes shorter; the first two lines are the headers.
        for (int line = at - 1; line >= 2 && depth > 0; line--)
        {
            if (_lines[line].Depth >= depth)
                continue;
            depth = _lines[line].Depth;
            Span<byte> length = _lines[line].Bytes;
            MemoryMarshal.Write(length, (ushort)(MemoryMarshal.Read<ushort>(length) - bytes.Length));
        }
    }

    private readonly record struct Line(int Depth, byte[] Bytes, string Comment);
}
