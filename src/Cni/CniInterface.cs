using System.Text.Json;

namespace Cni;

/// <summary>An interface that a plugin made or uses, in a result.</summary>
public sealed record CniInterface
{
    public required string Name { get; init; }

    /// <summary>The hardware address as text; null if it has none.</summary>
    public string? Mac { get; init; }

    /// <summary>In bytes (1.1.0); null if nobody said.</summary>
    public uint? Mtu { get; init; }

    /// <summary>CNI_NETNS to the letter for interfaces in the container; null for those on the host.</summary>
    public string? Sandbox { get; init; }

    /// <summary>Of a vhost-user socket (1.1.0).</summary>
    public string? SocketPath { get; init; }

    /// <summary>Of a virtual function, for example <c>0000:00:1f.6</c> (1.1.0).</summary>
    public string? PciId { get; init; }

    public UnknownMembers? Unknown { get; init; }

    internal static CniInterface Read(ref JsonCursor cursor)
    {
        string? name = null, mac = null, sandbox = null, socketPath = null, pciId = null;
        uint? mtu = null;
        UnknownMembers? unknown = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("name"u8))
                name = cursor.String();
            else if (cursor.Is("mac"u8))
                mac = NullIfEmpty(cursor.String());
            else if (cursor.Is("mtu"u8))
                mtu = cursor.UInt32();
            else if (cursor.Is("sandbox"u8))
                sandbox = NullIfEmpty(cursor.String());
            else if (cursor.Is("socketPath"u8))
                socketPath = NullIfEmpty(cursor.String());
            else if (cursor.Is("pciID"u8))
                pciId = NullIfEmpty(cursor.String());
            else
                UnknownMembers.Keep(ref unknown, ref cursor);
        }
        return new CniInterface
        {
            Name = name ?? throw cursor.Lacks("name"),
            Mac = mac,
            Mtu = mtu,
            Sandbox = sandbox,
            SocketPath = socketPath,
            PciId = pciId,
            Unknown = unknown,
        };
    }

    internal void WriteTo(Utf8JsonWriter writer, ResultFamily family)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        if (Mac is not null)
            writer.WriteString("mac"u8, Mac);
        if (Sandbox is not null)
            writer.WriteString("sandbox"u8, Sandbox);
        if (family == ResultFamily.Ips)
        {
            if (Mtu is > 0)
                writer.WriteNumber("mtu"u8, Mtu.Value);
            if (SocketPath is not null)
                writer.WriteString("socketPath"u8, SocketPath);
            if (PciId is not null)
                writer.WriteString("pciID"u8, PciId);
        }
        Unknown?.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
