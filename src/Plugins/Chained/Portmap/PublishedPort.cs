using System.Buffers.Binary;
using System.Net;
using Netlink.Nftables;
using Plugins.Configuration;

namespace Plugins.Chained.Portmap;

/// <summary>An entry of a map of ports, read or to be made.</summary>
/// <param name="HostAddress">The host's address; null for all of the family.</param>
/// <param name="Protocol">IPPROTO_*.</param>
/// <param name="HostPort">The host's port.</param>
/// <param name="Address">The pod's address.</param>
/// <param name="Port">The pod's port.</param>
internal readonly record struct PublishedPort(
    IPAddress? HostAddress, PortProtocol Protocol, ushort HostPort, IPAddress Address, ushort Port)
{
    private const int IPv4Size = 4;
    private const int IPv6Size = 16;

    // Each part of a concatenation takes whole words of four bytes.
    private const int Word = 4;

    /// <summary>As an element of its map.</summary>
    public NftElement ToElement() => new(Key) { Value = NftValue.Concat(NftValue.Of(Address), NftValue.Port(Port)) };

    /// <summary>The element of a map of ports; null if somebody else has put something different there.</summary>
    public static PublishedPort? Read(NftElement element)
    {
        if (element.Value is not { } value || value.Length is not (IPv4Size + Word or IPv6Size + Word))
            return null;
        int size = value.Length - Word;
        int hostSize = element.Key.Length - (2 * Word);
        if (hostSize != 0 && hostSize != size)
            return null;
        return new PublishedPort(
            hostSize == 0 ? null : new IPAddress(element.Key.Bytes[..size]),
            (PortProtocol)element.Key.Bytes[hostSize],
            BinaryPrimitives.ReadUInt16BigEndian(element.Key.Bytes[(hostSize + Word)..]),
            new IPAddress(value.Bytes[..size]),
            BinaryPrimitives.ReadUInt16BigEndian(value.Bytes[size..]));
    }

    private NftValue Key => HostAddress is null
        ? NftValue.Concat(NftValue.OfByte((byte)Protocol), NftValue.Port(HostPort))
        : NftValue.Concat(NftValue.Of(HostAddress), NftValue.OfByte((byte)Protocol), NftValue.Port(HostPort));
}
