using System.Globalization;

namespace Netlink.Wire;

internal sealed partial class MessageSchema
{
    // linux/netfilter/nfnetlink.h
    private const byte NFNL_SUBSYS_NONE = 0;
    private const byte NFNL_SUBSYS_CTNETLINK = 1;
    private const byte NFNL_SUBSYS_NFTABLES = 10;
    private const int NFNL_MSG_BATCH_BEGIN = 16;

    // enum nf_tables_msg_types, linux/netfilter/nf_tables.h; each with the index of its attributes in NftablesObjects.
    private static readonly (string Name, int Attributes)[] NftablesMessages =
    [
        ("NEWTABLE", 0), ("GETTABLE", 0), ("DELTABLE", 0), ("NEWCHAIN", 1), ("GETCHAIN", 1), ("DELCHAIN", 1), ("NEWRULE", 2),
        ("GETRULE", 2), ("DELRULE", 2), ("NEWSET", 3), ("GETSET", 3), ("DELSET", 3), ("NEWSETELEM", 4), ("GETSETELEM", 4),
        ("DELSETELEM", 4), ("NEWGEN", 5), ("GETGEN", 5),
    ];

    private readonly MessageProtocol _protocol;
    private readonly Dictionary<int, (string Object, int HeaderSize, AttributeNames Attributes)> _route = [];
    private readonly AttributeNames[] _nftables = [];
    private readonly AttributeNames _connections = new("", "-");
    private readonly AttributeNames _batch = new("NFNL_BATCH_", "GENID");

    /// <param name="protocol">Whose messages they are.</param>
    public MessageSchema(MessageProtocol protocol)
    {
        _protocol = protocol;
        if (protocol == MessageProtocol.Netfilter)
            (_nftables, _connections) = (NftablesObjects(), Connections());
        else if (protocol == MessageProtocol.Route)
            _route = RouteObjects();
    }

    /// <summary>What the kernel explains an error with (enum nlmsgerr_attrs, linux/netlink.h).</summary>
    public AttributeNames Error { get; } = new("NLMSGERR_ATTR_", "MSG OFFS COOKIE POLICY MISS_TYPE MISS_NEST");

    /// <summary>All attributes outside of others.</summary>
    public IEnumerable<AttributeNames> Roots =>
        [.. _route.Values.Select(static entry => entry.Attributes), .. _nftables, _connections, _batch, Error];

    /// <summary>All message types that have a name.</summary>
    public IEnumerable<(string Name, int Number)> Types => Enumerable.Range(0, ushort.MaxValue)
        .Select(type => (Find((ushort)type).Name, type)).Where(static entry => entry.Name.Contains('_', StringComparison.Ordinal));

    /// <summary>The name of a message, and what stands in it.</summary>
    public Format Find(ushort type) => FindKnown(type) ?? new Format($"type {type}", 0, null);

    private Format? FindKnown(ushort type) => type switch
    {
        1 => new Format("NLMSG_NOOP", 0, null),
        2 => new Format("NLMSG_ERROR", 0, null),
        3 => new Format("NLMSG_DONE", 0, null),
        4 => new Format("NLMSG_OVERRUN", 0, null),
        _ when _protocol == MessageProtocol.Netfilter => FindNetfilter(type),
        // struct genlmsghdr; which family has the number, only the kernel of the moment knows.
        _ when _protocol == MessageProtocol.Generic => new Format($"type {type}", 4, null),
        _ => FindRoute(type),
    };

    /// <summary>nlmsg_flags; those above 0xff mean something else for each kind of message (linux/netlink.h).</summary>
    public static string FlagsText(ushort flags, ushort type, string name)
    {
        string[] high = type is 2 or 3 ? ["CAPPED", "ACK_TLVS"]
            : name.Contains("GET", StringComparison.Ordinal) ? ["ROOT", "MATCH", "ATOMIC"]
            : name.Contains("DEL", StringComparison.Ordinal) ? ["NONREC", "BULK"]
            : ["REPLACE", "EXCL", "CREATE", "APPEND"];
        string[] all = ["REQUEST", "MULTI", "ACK", "ECHO", "DUMP_INTR", "DUMP_FILTERED", "", "", .. high];
        List<string> set = [];
        for (int bit = 0; bit < 16; bit++)
        {
            if ((flags >> bit & 1) != 0)
                set.Add(bit < all.Length && all[bit].Length > 0 ? all[bit] : $"0x{(1 << bit).ToString("x", CultureInfo.InvariantCulture)}");
        }
        return set.Count == 0 ? "0" : string.Join('|', set);
    }

    private Format? FindRoute(ushort type)
    {
        string[] verbs = ["NEW", "DEL", "GET", "SET"];
        // Only links have RTM_SET….
        return _route.TryGetValue(type / 4, out (string Object, int HeaderSize, AttributeNames Attributes) found)
            && (type % 4 < 3 || found.Object == "LINK")
            ? new Format($"RTM_{verbs[type % 4]}{found.Object}", found.HeaderSize, found.Attributes)
            : null;
    }

    private Format? FindNetfilter(ushort type)
    {
        const int HeaderSize = 4; // struct nfgenmsg
        int message = type & 0xff;
        string[] connections = ["NEW", "GET", "DELETE", "GET_CTRZERO", "GET_STATS_CPU", "GET_STATS", "GET_DYING", "GET_UNCONFIRMED"];
        return (type >> 8) switch
        {
            NFNL_SUBSYS_NONE when message is NFNL_MSG_BATCH_BEGIN or NFNL_MSG_BATCH_BEGIN + 1 =>
                new Format(message == NFNL_MSG_BATCH_BEGIN ? "NFNL_MSG_BATCH_BEGIN" : "NFNL_MSG_BATCH_END", HeaderSize, _batch),
            NFNL_SUBSYS_CTNETLINK when message < connections.Length =>
                new Format($"IPCTNL_MSG_CT_{connections[message]}", HeaderSize, _connections),
            NFNL_SUBSYS_NFTABLES when message < NftablesMessages.Length =>
                new Format($"NFT_MSG_{NftablesMessages[message].Name}", HeaderSize, _nftables[NftablesMessages[message].Attributes]),
            _ => null,
        };
    }

    /// <param name="Name">nlmsg_type as the kernel calls it.</param>
    /// <param name="HeaderSize">Bytes of the fixed header of the family.</param>
    /// <param name="Attributes">What stands behind it; null if that is not known.</param>
    internal readonly record struct Format(string Name, int HeaderSize, AttributeNames? Attributes);
}
