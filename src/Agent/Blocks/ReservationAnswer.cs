using System.Globalization;
using System.Text;

namespace Agent.Blocks;

/// <summary>
/// What the node that has an address's block says of a reservation: its list excludes the address. The value is the reservation's
/// revision, so that the answer to an earlier one is none, and behind a space the pod that holds the address, if one does.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Revision">That of the reservation.</param>
/// <param name="Holder">The container that has held the address since before it was reserved; null if there is none.</param>
public sealed record ReservationAnswer(string Node, long Revision, string? Holder)
{
    /// <summary>The value that says so.</summary>
    public byte[] Write() =>
        Encoding.UTF8.GetBytes(Holder is null ? $"{Revision}" : string.Create(CultureInfo.InvariantCulture, $"{Revision} {Holder}"));

    /// <summary>What a value says; null if it is no answer.</summary>
    public static ReservationAnswer? Read(string node, ReadOnlyMemory<byte> value)
    {
        string[] words = Encoding.UTF8.GetString(value.Span).Split(' ', 2);
        return long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
            ? new ReservationAnswer(node, revision, words.Length > 1 ? words[1] : null)
            : null;
    }
}
