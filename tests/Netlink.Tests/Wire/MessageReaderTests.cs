using Netlink.Wire;

namespace Netlink.Tests.Wire;

public sealed class MessageReaderTests
{
    [Fact]
    public void Messages_of_a_datagram_come_one_after_the_other()
    {
        MessageReader reader = new(Hex.Parse("""
            15000000 1000 0200 01000000 02000000 aabbccdd ee 000000
            10000000 0300 0200 01000000 02000000
            """));
        Assert.True(reader.MoveNext());
        Assert.Equal((0x10, AnswerFlags.Multipart, 1u, 2u), (reader.Type, reader.Flags, reader.Sequence, reader.PortId));
        Assert.Equal([0xaa, 0xbb, 0xcc, 0xdd, 0xee], reader.Payload.ToArray());
        Assert.True(reader.MoveNext());
        Assert.Equal(3, reader.Type);
        Assert.True(reader.Payload.IsEmpty);
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData("10000000 1000 0200 01000000", 0)] // no room for a header
    [InlineData("0f000000 1000 0200 01000000 02000000", 0)] // shorter than its header
    [InlineData("00000000 1000 0200 01000000 02000000", 0)] // would never end
    [InlineData("11000000 1000 0200 01000000 02000000", 0)] // longer than what is left
    [InlineData("ffffffff 1000 0200 01000000 02000000", 0)]
    [InlineData("10000000 1000 0200 01000000 02000000 01", 16)] // the second is
    public void A_length_that_cannot_be_throws_with_its_place(string bytes, int offset)
    {
        WireFormatException exception = Assert.Throws<WireFormatException>(() =>
        {
            MessageReader reader = new(Hex.Parse(bytes));
            while (reader.MoveNext())
            {
            }
        });
        Assert.Equal(offset, exception.Offset);
    }
}
