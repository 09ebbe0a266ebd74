using Linux.Addresses;

namespace Ipam;

/// <summary>Where a block of addresses begins. Blocks are aligned, so they are the same whatever ranges are configured.</summary>
/// <param name="Family">The family.</param>
/// <param name="Number">The block's first address divided by <see cref="AddressBlock.Size"/>.</param>
internal readonly record struct BlockKey(IpFamily Family, UInt128 Number)
{
    public UInt128 First => Number << AddressBlock.SizeBits;

    public UInt128 Last => First + (AddressBlock.Size - 1);

    /// <summary>The document's id: <c>10.1.0.0/18</c>.</summary>
    public string Id => new IpPrefix(IpText.FromUInt128(First, Family), Family.AddressBits - AddressBlock.SizeBits).ToString();

    public static BlockKey Of(IpFamily family, UInt128 address) => new(family, address >> AddressBlock.SizeBits);
}
