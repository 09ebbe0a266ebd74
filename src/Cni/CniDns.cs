using System.Text.Json;

namespace Cni;

/// <summary>What a container's resolver should use: in a result, and as <c>dns</c> of a configuration.</summary>
public sealed record CniDns
{
    public IReadOnlyList<string> Nameservers { get; set; } = [];

    public string? Domain { get; set; }

    public IReadOnlyList<string> Search { get; set; } = [];

    public IReadOnlyList<string> Options { get; set; } = [];

    public UnknownMembers? Unknown { get; set; }

    public bool IsEmpty =>
        Nameservers.Count == 0 && string.IsNullOrEmpty(Domain) && Search.Count == 0 && Options.Count == 0 && Unknown is null;

    /// <summary>Reads the object on which a cursor stands.</summary>
    public static CniDns Read(ref JsonCursor cursor)
    {
        CniDns dns = new();
        UnknownMembers? unknown = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("nameservers"u8))
                dns.Nameservers = cursor.Strings();
            else if (cursor.Is("domain"u8))
                dns.Domain = cursor.String();
            else if (cursor.Is("search"u8))
                dns.Search = cursor.Strings();
            else if (cursor.Is("options"u8))
                dns.Options = cursor.Strings();
            else
                UnknownMembers.Keep(ref unknown, ref cursor);
        }
        dns.Unknown = unknown;
        return dns;
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteList(writer, "nameservers"u8, Nameservers);
        if (!string.IsNullOrEmpty(Domain))
            writer.WriteString("domain"u8, Domain);
        WriteList(writer, "search"u8, Search);
        WriteList(writer, "options"u8, Options);
        Unknown?.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> key, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(key);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
