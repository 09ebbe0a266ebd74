namespace Netlink.Nftables;

/// <summary>
/// A type of keys or mapped values. The kernel knows only the length; number and byte order are nft's, which prints elements by
/// them (enum datatypes, include/datatype.h of nft).
/// </summary>
/// <param name="Number">nft's number; a concatenation holds its parts' numbers, 6 bits each.</param>
/// <param name="Length">Bytes of a value.</param>
/// <param name="Order">How nft reads the bytes.</param>
public readonly record struct NftDataType(uint Number, int Length, NftByteOrder Order)
{
    private const int PartBits = 6; // TYPE_BITS
    private const uint PartMask = (1 << PartBits) - 1;

    /// <summary>ipv4_addr.</summary>
    public static NftDataType IPv4Address => new(7, 4, NftByteOrder.Network);

    /// <summary>ipv6_addr.</summary>
    public static NftDataType IPv6Address => new(8, 16, NftByteOrder.Network);

    /// <summary>ether_addr.</summary>
    public static NftDataType EthernetAddress => new(9, 6, NftByteOrder.Network);

    /// <summary>inet_proto: IPPROTO_*.</summary>
    public static NftDataType InetProtocol => new(12, 1, NftByteOrder.None);

    /// <summary>inet_service: a port.</summary>
    public static NftDataType InetService => new(13, 2, NftByteOrder.Network);

    /// <summary>mark: of a packet or connection.</summary>
    public static NftDataType Mark => new(19, 4, NftByteOrder.Host);

    /// <summary>ifname.</summary>
    public static NftDataType InterfaceName => new(41, 16, NftByteOrder.Host);

    /// <summary>verdict, only as what a map maps to (NFT_DATA_VERDICT).</summary>
    public static NftDataType Verdict => new(0xffffff00, 0, NftByteOrder.None);

    /// <summary>Whether values are verdicts.</summary>
    public bool IsVerdict => Number == Verdict.Number;

    /// <summary>Whether this is a concatenation.</summary>
    public bool IsConcatenation => !IsVerdict && Number > PartMask;

    /// <summary>Several types as one key, each filled to whole registers of four bytes (<c>a . b</c>).</summary>
    public static NftDataType Concat(params ReadOnlySpan<NftDataType> parts)
    {
        uint number = 0;
        int length = 0;
        foreach (NftDataType part in parts)
        {
            number = (number << PartBits) | part.Number;
            length += NftValue.Pad(part.Length);
        }
        return new NftDataType(number, length, NftByteOrder.None);
    }
}

/// <summary>How nft reads a value (enum byteorder, include/datatype.h of nft).</summary>
public enum NftByteOrder
{
    /// <summary>BYTEORDER_INVALID: it has none, or its parts have different ones.</summary>
    None = 0,

    /// <summary>BYTEORDER_HOST_ENDIAN.</summary>
    Host = 1,

    /// <summary>BYTEORDER_BIG_ENDIAN.</summary>
    Network = 2,
}
