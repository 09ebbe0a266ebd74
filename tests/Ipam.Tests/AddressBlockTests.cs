using Linux.Addresses;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

public class AddressBlockTests
{
    private static readonly BlockKey s_key = new(IpFamily.IPv4, 5);

    [Fact]
    public void Id_is_the_prefix_of_the_block()
    {
        Assert.Equal("0.1.64.0/18", s_key.Id);
        Assert.Equal("2001:db8::4000/114", new BlockKey(IpFamily.IPv6, Prefix("2001:db8::4000/114").Address.GetAddressBytes() is { } bytes
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) >> 14
            : 0).Id);
    }

    /// <summary>Against an array of bools.</summary>
    [Fact]
    public void Searches_and_counts_agree_with_a_plain_array()
    {
        Random random = new(2);
        for (int round = 0; round < 200; round++)
        {
            bool[] plain = new bool[AddressBlock.Size];
            AddressBlock block = new(s_key, new byte[AddressBlock.ByteCount]);
            double density = random.NextDouble();
            int low = random.Next(AddressBlock.Size - 300);
            for (int i = low; i < low + 300; i++)
            {
                plain[i] = random.NextDouble() < density;
                block.Set(s_key.First + (uint)i, plain[i]);
            }
            int from = random.Next(low, low + 300);
            int to = random.Next(from, low + 300);
            Assert.Equal(plain.AsSpan(from, to - from + 1).Count(true), block.CountHeld(s_key.First + (uint)from, s_key.First + (uint)to));
            Assert.Equal(plain.Count(held => held), block.CountHeld());
            int free = Array.FindIndex(plain, from, to - from + 1, held => !held);
            Assert.Equal(free < 0 ? null : s_key.First + (uint)free, block.FindFree(s_key.First + (uint)from, s_key.First + (uint)to));
            int last = Array.FindLastIndex(plain, to, to - from + 1, held => held);
            Assert.Equal(last < 0 ? null : s_key.First + (uint)last, block.FindLastHeld(s_key.First + (uint)from, s_key.First + (uint)to));
        }
    }

    [Fact]
    public void Ends_of_the_block_belong_to_it()
    {
        AddressBlock block = new(s_key, new byte[AddressBlock.ByteCount]);
        block.Set(s_key.First, true);
        block.Set(s_key.Last, true);
        Assert.Equal(s_key.First + 1, block.FindFree(s_key.First, s_key.Last));
        Assert.Equal(s_key.Last, block.FindLastHeld(s_key.First, s_key.Last));
        Assert.Null(block.FindFree(s_key.Last, s_key.Last));
        Assert.Equal(2, block.CountHeld());
    }
}
