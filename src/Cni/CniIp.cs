using System.Net;
using System.Text.Json;
using Linux.Addresses;

namespace Cni;

/// <summary>An address of the container, in a result.</summary>
public sealed record CniIp
{
    /// <summary>The address itself with the length of its subnet's prefix.</summary>
    public required IpPrefix Address { get; init; }

    public IPAddress? Gateway { get; init; }

    /// <summary>Index of the interface that holds the address; null in the results of IPAM plugins.</summary>
    public int? Interface { get; init; }

    public UnknownMembers? Unknown { get; init; }

    internal static CniIp Read(ref JsonCursor cursor)
    {
        IpPrefix? address = null;
        IPAddress? gateway = null;
        int? index = null;
        UnknownMembers? unknown = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("address"u8))
                address = cursor.Prefix();
            else if (cursor.Is("gateway"u8))
                gateway = cursor.Address();
            else if (cursor.Is("interface"u8))
                index = cursor.Int32();
            else if (!cursor.Is("version"u8)) // The address tells its family.
                UnknownMembers.Keep(ref unknown, ref cursor);
        }
        return new CniIp { Address = address ?? throw cursor.Lacks("address"), Gateway = gateway, Interface = index, Unknown = unknown };
    }

    internal void WriteTo(Utf8JsonWriter writer, ResultFamily family)
    {
        writer.WriteStartObject();
        if (family == ResultFamily.VersionedIps)
            writer.WriteString("version"u8, Address.IsIPv6 ? "6"u8 : "4"u8);
        writer.WriteString("address"u8, Address.ToString());
        if (Gateway is not null)
            writer.WriteString("gateway"u8, IpText.Format(Gateway));
        if (Interface is { } index)
            writer.WriteNumber("interface"u8, index);
        Unknown?.WriteTo(writer);
        writer.WriteEndObject();
    }
}
