using System.Buffers.Binary;
using System.Net;

namespace Dhcp.Messages;

/// <summary>The address of an IA_NA (RFC 8415, 21.4 and 21.6).</summary>
/// <param name="Address">The address.</param>
/// <param name="Renew">T1 in seconds; 0 leaves it to the client.</param>
/// <param name="Rebind">T2 in seconds; 0 leaves it to the client.</param>
/// <param name="Preferred">Seconds for which new connections may use the address.</param>
/// <param name="Valid">Seconds until its expiry.</param>
internal readonly record struct IdentityAssociation(IPAddress Address, uint Renew, uint Rebind, uint Preferred, uint Valid)
{
    // IAID 4, T1 4, T2 4, options.
    private const int HeaderSize = 12;

    // Address 16, preferred 4, valid 4, options.
    private const int AddressSize = 24;

    private const ushort Success = 0;

    /// <summary>Reads an IA_NA.</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="id">The client's IAID.</param>
    /// <returns>Null if it is another's, malformed, a refusal, or holds no address that lives.</returns>
    public static IdentityAssociation? TryRead(ReadOnlySpan<byte> value, uint id)
    {
        if (value.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(value) != id)
            return null;
        uint renew = BinaryPrimitives.ReadUInt32BigEndian(value[4..]), rebind = BinaryPrimitives.ReadUInt32BigEndian(value[8..]);
        if (Dhcp6Options.TryParse(value[HeaderSize..]) is not { } options || IsRefusal(options) || (renew > rebind && rebind > 0))
            return null;
        foreach (byte[] address in options.FindAll(Dhcp6Option.Address))
        {
            if (address.Length < AddressSize || Dhcp6Options.TryParse(address.AsSpan(AddressSize)) is not { } inner || IsRefusal(inner))
                continue;
            uint preferred = BinaryPrimitives.ReadUInt32BigEndian(address.AsSpan(16)),
                valid = BinaryPrimitives.ReadUInt32BigEndian(address.AsSpan(20));
            IPAddress ip = new(address.AsSpan(0, 16));
            if (valid > 0
                && preferred <= valid && !ip.IsIPv6Multicast && !ip.IsIPv6LinkLocal && !IPAddress.IsLoopback(ip)
                && !ip.Equals(IPAddress.IPv6Any))
            {
                return new IdentityAssociation(ip, renew, rebind, preferred, valid);
            }
        }
        return null;
    }

    /// <summary>Whether options hold a status that is no success (21.13).</summary>
    public static bool IsRefusal(Dhcp6Options options) =>
        options.Find(Dhcp6Option.StatusCode) is { } status
            && (status.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(status) != Success);

    /// <summary>An IA_NA that asks for an address: for this one if possible.</summary>
    public static byte[] Write(uint id, IPAddress? wanted)
    {
        byte[] value = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt32BigEndian(value, id);
        if (wanted is null)
            return value;
        byte[] address = new byte[AddressSize];
        _ = wanted.TryWriteBytes(address, out _);
        return [.. value, .. new Dhcp6Options().Add(Dhcp6Option.Address, address).ToBytes()];
    }
}
