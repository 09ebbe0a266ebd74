using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink;

public sealed partial class NetlinkSocket
{
    // linux/netlink.h
    private const ushort NLMSGERR_ATTR_MSG = 1;
    private const ushort NLMSGERR_ATTR_OFFS = 2;

    // NLMSG_ERROR (struct nlmsgerr, linux/netlink.h):
    //   s32 error           0 for an acknowledgement, else the negative errno
    //   struct nlmsghdr     of the request; its payload follows unless NLM_F_CAPPED
    //   attributes          if NLM_F_ACK_TLVS: NLMSGERR_ATTR_MSG string, NLMSGERR_ATTR_OFFS u32
    // NLMSG_DONE: s32 error, then the same attributes at once.
    private static NetlinkException? ReadRefusal(MessageReader message, NetlinkBatch.Operation operation, int request)
    {
        const int ErrorSize = 4;
        if (message.Payload.Length < ErrorSize)
        {
            // A DONE without a status ends a dump that went well.
            return message.Type == NLMSG_DONE ? null : throw new WireFormatException("an NLMSG_ERROR without its error", 0);
        }
        int error = MemoryMarshal.Read<int>(message.Payload);
        // What is tolerated is common, and its text costs more than the request.
        if (error >= 0 || (Errno)(-error) == operation.Tolerated)
            return null;
        string? explanation = null;
        int? offset = null;
        if (message.Flags.HasFlag(AnswerFlags.ExtendedAcknowledgement))
        {
            AttributeReader attributes = new(ExtendedAcknowledgement(message));
            while (attributes.MoveNext())
            {
                if (attributes.Type == NLMSGERR_ATTR_MSG)
                    explanation = attributes.ReadString();
                else if (attributes.Type == NLMSGERR_ATTR_OFFS)
                    offset = (int)attributes.ReadUInt32();
            }
        }
        return new NetlinkException((Errno)(-error), operation.Description.ToString(), explanation, offset)
        {
            Request = request,
        };
    }

    private static ReadOnlySpan<byte> ExtendedAcknowledgement(MessageReader message)
    {
        const int ErrorSize = 4;
        int start = ErrorSize;
        if (message.Type == NLMSG_ERROR)
        {
            bool capped = message.Flags.HasFlag(AnswerFlags.Capped) || message.Payload.Length < 2 * ErrorSize;
            uint repeated = capped ? NetlinkWriter.MessageHeaderSize : MemoryMarshal.Read<uint>(message.Payload[ErrorSize..]);
            start += NetlinkWriter.Align((int)Math.Min(repeated, int.MaxValue / 2));
        }
        return start <= message.Payload.Length
            ? message.Payload[start..]
            : throw new WireFormatException($"{message.Payload.Length} bytes where an explanation begins at byte {start}", 0);
    }
}
