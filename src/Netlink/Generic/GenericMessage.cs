using Netlink.Wire;

namespace Netlink.Generic;

/// <summary>The frame that every message of generic netlink stands in, whichever family it is of.</summary>
internal static class GenericMessage
{
    /// <summary>Bytes of struct genlmsghdr.</summary>
    public const int HeaderSize = 4;

    // struct genlmsghdr, linux/genetlink.h:
    //   u8  cmd
    //   u8  version    of the family
    //   u16 reserved   0

    /// <summary>Writes the header that follows struct nlmsghdr.</summary>
    public static void WriteHeader(NetlinkWriter writer, byte command, byte version)
    {
        writer.WriteUInt8(command);
        writer.WriteUInt8(version);
        writer.WriteUInt16(0);
    }

    /// <summary>The attributes behind the header.</summary>
    /// <exception cref="WireFormatException">There is no whole header.</exception>
    public static AttributeReader AttributesOf(ReadOnlySpan<byte> payload) => payload.Length >= HeaderSize
        ? new AttributeReader(payload[HeaderSize..])
        : throw new WireFormatException($"{payload.Length} bytes where struct genlmsghdr needs {HeaderSize}", 0);
}
