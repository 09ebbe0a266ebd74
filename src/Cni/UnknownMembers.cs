using System.Text.Json;

namespace Cni;

/// <summary>
/// Members of a result that this code has no name for. A chained plugin hands them on, since a plugin before it wrote them for somebody
/// behind it.
/// </summary>
public sealed class UnknownMembers
{
    private readonly List<(string Key, byte[] Value)> _members = [];

    /// <summary>The keys, in the document's order.</summary>
    public IEnumerable<string> Keys => _members.ConvertAll(member => member.Key);

    /// <summary>Takes the member on which a cursor stands.</summary>
    internal static void Keep(ref UnknownMembers? members, ref JsonCursor cursor)
    {
        members ??= new UnknownMembers();
        string key = cursor.Key;
        members._members.Add((key, cursor.Raw().ToArray()));
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        foreach ((string key, byte[] value) in _members)
        {
            writer.WritePropertyName(key);
            writer.WriteRawValue(value, skipInputValidation: true);
        }
    }
}
