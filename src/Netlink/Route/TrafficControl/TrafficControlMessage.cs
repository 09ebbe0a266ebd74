using Netlink.Wire;

namespace Netlink.Route.TrafficControl;

/// <summary>The header that messages about qdiscs and filters share.</summary>
internal static class TrafficControlMessage
{
    /// <summary>Bytes of struct tcmsg.</summary>
    public const int HeaderSize = 20;

    // struct tcmsg, linux/rtnetlink.h:
    //   u8  tcm_family    0
    //   u8  tcm__pad1
    //   u16 tcm__pad2
    //   s32 tcm_ifindex
    //   u32 tcm_handle
    //   u32 tcm_parent
    //   u32 tcm_info      of filters: priority << 16 | protocol in network byte order
    public static void WriteHeader(NetlinkWriter writer, int link, TcHandle parent, uint handle, uint info = 0)
    {
        writer.WriteUInt32(0);
        writer.WriteInt32(link);
        writer.WriteUInt32(handle);
        writer.WriteUInt32(parent.Value);
        writer.WriteUInt32(info);
    }
}
