using Netlink.Wire;

namespace Netlink.Generic;

/// <summary>A family of generic netlink. The kernel numbers it when it is loaded, and its name is what stays.</summary>
/// <param name="Id">CTRL_ATTR_FAMILY_ID: nlmsg_type of its messages.</param>
/// <param name="Name">CTRL_ATTR_FAMILY_NAME.</param>
/// <param name="Version">CTRL_ATTR_VERSION.</param>
public sealed record GenericFamily(ushort Id, string Name, uint Version)
{
    // linux/genetlink.h
    private const ushort GENL_ID_CTRL = 16;
    private const byte CTRL_CMD_GETFAMILY = 3;
    private const ushort CTRL_ATTR_FAMILY_ID = 1;
    private const ushort CTRL_ATTR_FAMILY_NAME = 2;
    private const ushort CTRL_ATTR_VERSION = 3;

    private const byte ControllerVersion = 1;

    // CTRL_CMD_GETFAMILY:
    //   CTRL_ATTR_FAMILY_NAME  string

    /// <summary>
    /// Looks a family up by its name; the kernel loads its module if it has it. Null if there is none.
    /// </summary>
    /// <param name="socket">A socket of <see cref="NetlinkProtocol.Generic"/>.</param>
    /// <param name="name">The name, such as <c>wireguard</c>.</param>
    /// <exception cref="NetlinkException">The kernel refused for another reason.</exception>
    public static GenericFamily? Find(NetlinkSocket socket, string name)
    {
        NetlinkBatch request = new();
        NetlinkWriter writer = request.Begin(GENL_ID_CTRL, 0, $"find the generic netlink family {name}");
        GenericMessage.WriteHeader(writer, CTRL_CMD_GETFAMILY, ControllerVersion);
        writer.WriteStringAttribute(CTRL_ATTR_FAMILY_NAME, name);
        request.End();
        return socket.Get(request, static (_, payload) => Read(payload)).FirstOrDefault();
    }

    private static GenericFamily Read(ReadOnlySpan<byte> payload)
    {
        (ushort id, string name, uint version) = (0, "", 0);
        AttributeReader attributes = GenericMessage.AttributesOf(payload);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTRL_ATTR_FAMILY_ID: id = attributes.ReadUInt16(); break;
                case CTRL_ATTR_FAMILY_NAME: name = attributes.ReadString(); break;
                case CTRL_ATTR_VERSION: version = attributes.ReadUInt32(); break;
            }
        }
        return new GenericFamily(id, name, version);
    }
}
