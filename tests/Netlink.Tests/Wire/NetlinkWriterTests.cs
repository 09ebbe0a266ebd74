using Netlink.Wire;

namespace Netlink.Tests.Wire;

public sealed class NetlinkWriterTests
{
    private readonly MessageBuffer _buffer = new();

    private NetlinkWriter Writer => new(_buffer);

    [Fact]
    public void A_message_begins_with_its_patched_length()
    {
        int message = Writer.BeginMessage(0x1234, 0x0506, 0x0708090a);
        Writer.WriteUInt32(0xaabbccdd);
        Writer.EndMessage(message);
        AssertBytes("14000000 3412 0605 0a090807 00000000 ddccbbaa");
    }

    [Theory]
    [InlineData(0, "0400 0100")]
    [InlineData(1, "0500 0100 ff 000000")]
    [InlineData(2, "0600 0100 ffff 0000")]
    [InlineData(3, "0700 0100 ffffff 00")]
    [InlineData(4, "0800 0100 ffffffff")]
    [InlineData(5, "0900 0100 ffffffffff 000000")]
    public void An_attribute_is_padded_with_zeros_that_its_length_leaves_out(int size, string expected)
    {
        byte[] value = new byte[size];
        Array.Fill(value, (byte)0xff);
        Writer.WriteAttribute(1, value);
        AssertBytes(expected);
    }

    [Fact]
    public void Nests_know_their_lengths_and_are_marked()
    {
        int outer = Writer.BeginNest(18);
        Writer.WriteStringAttribute(1, "veth");
        int inner = Writer.BeginNest(2);
        Writer.WriteUInt8Attribute(7, 1);
        Writer.EndNest(inner);
        Writer.EndNest(outer);
        AssertBytes("""
            1c00 1280
              0900 0100 7665746800 000000
              0c00 0280
                0500 0700 01 000000
            """);
    }

    [Fact]
    public void An_empty_nest_is_its_header()
    {
        Writer.EndNest(Writer.BeginNest(3));
        AssertBytes("0400 0380");
    }

    [Fact]
    public void A_record_holds_its_length_without_a_type()
    {
        int record = Writer.BeginRecord();
        Writer.WriteUInt8(4);
        Writer.WriteUInt8(2);
        Writer.WriteInt32(-1);
        Writer.EndNest(record);
        AssertBytes("0800 04 02 ffffffff");
    }

    [Fact]
    public void Byte_order_is_what_the_method_says()
    {
        Writer.WriteUInt16Attribute(1, 0x0102);
        Writer.WriteUInt16BigEndianAttribute(2, 0x0102);
        Writer.WriteUInt32Attribute(3, 0x01020304);
        Writer.WriteInt32Attribute(4, -2);
        Writer.WriteUInt32BigEndianAttribute(5, 0x01020304);
        Writer.WriteUInt64Attribute(6, 0x0102030405060708);
        Writer.WriteUInt64BigEndianAttribute(7, 0x0102030405060708);
        Writer.WriteUInt16BigEndian(0x0102);
        AssertBytes("""
            0600 0100 0201 0000
            0600 0200 0102 0000
            0800 0300 04030201
            0800 0400 feffffff
            0800 0500 01020304
            0c00 0600 0807060504030201
            0c00 0700 0102030405060708
            0102
            """);
    }

    [Theory]
    [InlineData("", "0500 0300 00 000000")]
    [InlineData("eth0", "0900 0300 6574683000 000000")]
    [InlineData("ü", "0700 0300 c3bc00 00")]
    public void Text_is_UTF8_with_its_NUL(string text, string expected)
    {
        Writer.WriteStringAttribute(3, text);
        AssertBytes(expected);
    }

    [Fact]
    public void A_flag_is_an_attribute_without_content()
    {
        Writer.WriteFlagAttribute(9);
        AssertBytes("0400 0900");
    }

    [Fact]
    public void What_nla_len_cannot_say_is_refused()
    {
        Writer.WriteAttribute(1, new byte[ushort.MaxValue - 4]);
        Assert.Throws<InvalidOperationException>(() => Writer.WriteAttribute(1, new byte[ushort.MaxValue - 3]));
    }

    [Fact]
    public void A_buffer_that_grows_keeps_what_it_has_and_pads_with_zeros()
    {
        for (int i = 0; i < 5000; i++)
            Writer.WriteAttribute(1, [0xff]);
        for (int i = 0; i < 5000; i++)
            Assert.Equal([5, 0, 1, 0, 0xff, 0, 0, 0], _buffer.Written.Slice(8 * i, 8).ToArray());
    }

    private void AssertBytes(string expected) => Assert.Equal(Hex.Parse(expected), _buffer.Written.ToArray());
}
