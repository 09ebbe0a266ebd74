using Netlink.Wire;

namespace Netlink.Tests.Wire;

public sealed class AttributeReaderTests
{
    [Fact]
    public void Attributes_come_one_after_the_other_without_their_padding()
    {
        AttributeReader reader = new(Hex.Parse("0500 0100 ff 000000  0800 0280 04030201"));
        Assert.True(reader.MoveNext());
        Assert.Equal((1, 0xff), (reader.Type, reader.ReadUInt8()));
        Assert.True(reader.MoveNext());
        Assert.Equal((2, 0x01020304u), (reader.Type, reader.ReadUInt32()));
        Assert.False(reader.MoveNext());
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void The_last_attribute_may_lack_its_padding()
    {
        AttributeReader reader = new(Hex.Parse("0500 0100 ff"));
        Assert.True(reader.MoveNext());
        Assert.Equal(0xff, reader.ReadUInt8());
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void Flag_bits_are_no_part_of_the_type()
    {
        AttributeReader reader = new(Hex.Parse("0400 01c0"));
        Assert.True(reader.MoveNext());
        Assert.Equal(1, reader.Type);
    }

    [Fact]
    public void A_nest_is_read_by_a_reader_of_its_own()
    {
        AttributeReader reader = new(Hex.Parse("0c00 1280  0600 0700 0102 0000"));
        Assert.True(reader.MoveNext());
        AttributeReader nest = reader.ReadNest();
        Assert.True(nest.MoveNext());
        Assert.Equal((7, 0x0102), (nest.Type, nest.ReadUInt16BigEndian()));
        Assert.False(nest.MoveNext());
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData("0900 0100 6574683000 000000", "eth0")]
    [InlineData("0800 0100 65746830", "eth0")]
    [InlineData("0900 0100 6500746830", "e")]
    [InlineData("0400 0100", "")]
    public void Text_ends_at_its_NUL_or_with_the_attribute(string bytes, string expected)
    {
        AttributeReader reader = new(Hex.Parse(bytes));
        Assert.True(reader.MoveNext());
        Assert.Equal(expected, reader.ReadString());
    }

    [Fact]
    public void Numbers_have_the_byte_order_that_the_method_says()
    {
        AttributeReader reader = new(Hex.Parse("0c00 0100 0102030405060708"));
        Assert.True(reader.MoveNext());
        Assert.Equal(0x0102030405060708u, reader.ReadUInt64BigEndian());
        Assert.Equal(0x0807060504030201u, reader.ReadUInt64());
    }

    [Theory]
    [InlineData("05", 0)] // no room for a header
    [InlineData("0300 0100", 0)] // shorter than its header
    [InlineData("0000 0100", 0)] // would never end
    [InlineData("0900 0100 ffffffff", 0)] // longer than what is left
    [InlineData("0400 0100 0600 0100", 4)] // the second is
    public void A_length_that_cannot_be_throws_with_its_place(string bytes, int offset)
    {
        WireFormatException exception = Assert.Throws<WireFormatException>(() =>
        {
            AttributeReader reader = new(Hex.Parse(bytes));
            while (reader.MoveNext())
            {
            }
        });
        Assert.Equal(offset, exception.Offset);
    }

    [Theory]
    [InlineData("0700 0100 010203 00")]
    [InlineData("0900 0100 0102030405 000000")]
    [InlineData("0400 0100")]
    public void A_number_of_another_size_throws(string bytes)
    {
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt8()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt16()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt32()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadInt32()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt64()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt16BigEndian()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt32BigEndian()));
        Assert.Throws<WireFormatException>(() => Read(bytes, static r => r.ReadUInt64BigEndian()));
    }

    private delegate object Reading(AttributeReader reader);

    private static object Read(string bytes, Reading read)
    {
        AttributeReader reader = new(Hex.Parse(bytes));
        Assert.True(reader.MoveNext());
        return read(reader);
    }
}
