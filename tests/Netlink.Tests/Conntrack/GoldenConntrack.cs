namespace Netlink.Tests.Conntrack;

/// <summary>
/// What conntrack 1.4.7 and kernel 6.18.44 say to each other, captured by <c>strace -e trace=network -e read=3,4 -e write=3,4</c> from
/// <c>conntrack -L -p udp</c> and <c>conntrack -D -p udp</c> after UDP packets from 127.0.0.1 port 40000 and ::1 port 40001.
/// </summary>
internal static class GoldenConntrack
{
    /// <summary>Answer: 127.0.0.1 port 5355, in zone 7.</summary>
    public const string InZone = """
        ac 00 00 00 00 01 02 00 1b 7f 07 6b 04 4b 00 00           # IPCTNL_MSG_CT_NEW, 172 bytes, flags 0x2
        02 00 00 00                                               # nfgenmsg
          34 00 01 80 14 00 01 80                                 # CTA_TUPLE_ORIG, CTA_TUPLE_IP
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01       # CTA_IP_V4_SRC, CTA_IP_V4_DST
            1c 00 02 80 05 00 01 00 11 00 00 00                   # CTA_TUPLE_PROTO, CTA_PROTO_NUM
            06 00 02 00 9c 40 00 00 06 00 03 00 14 eb 00 00       # CTA_PROTO_SRC_PORT, CTA_PROTO_DST_PORT
          34 00 02 80 14 00 01 80                                 # CTA_TUPLE_REPLY
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 14 eb 00 00 06 00 03 00 9c 40 00 00
          06 00 12 00 00 07 00 00                                 # CTA_ZONE
          08 00 03 00 00 00 01 88                                 # CTA_STATUS
          08 00 08 00 00 00 00 00                                 # CTA_MARK
          08 00 0c 00 42 6c bd 7d                                 # CTA_ID
          08 00 0b 00 00 00 00 01                                 # CTA_USE
          08 00 07 00 00 00 00 1d                                 # CTA_TIMEOUT
        """;

    /// <summary>Answer: 127.0.0.1 port 5353, whose destination was rewritten to port 53.</summary>
    public const string Translated = """
        a4 00 00 00 00 01 02 00 1b 7f 07 6b 04 4b 00 00           # IPCTNL_MSG_CT_NEW, 164 bytes, flags 0x2
        02 00 00 00                                               # nfgenmsg
          34 00 01 80 14 00 01 80                                 # CTA_TUPLE_ORIG
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 9c 40 00 00 06 00 03 00 14 e9 00 00
          34 00 02 80 14 00 01 80                                 # CTA_TUPLE_REPLY
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 00 35 00 00 06 00 03 00 9c 40 00 00
          08 00 03 00 00 00 01 a8                                 # CTA_STATUS
          08 00 08 00 00 00 00 00                                 # CTA_MARK
          08 00 0c 00 eb e2 e6 07                                 # CTA_ID
          08 00 0b 00 00 00 00 01                                 # CTA_USE
          08 00 07 00 00 00 00 1d                                 # CTA_TIMEOUT
        """;

    /// <summary>Answer: ::1 port 5353.</summary>
    public const string IPv6 = """
        d4 00 00 00 00 01 02 00 1b 7f 07 6b 04 4b 00 00           # IPCTNL_MSG_CT_NEW, 212 bytes, flags 0x2
        0a 00 00 00                                               # nfgenmsg
          4c 00 01 80 2c 00 01 80                                 # CTA_TUPLE_ORIG
            14 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00       # CTA_IP_V6_SRC
            00 00 00 01
            14 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00       # CTA_IP_V6_DST
            00 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 9c 41 00 00 06 00 03 00 14 e9 00 00
          4c 00 02 80 2c 00 01 80                                 # CTA_TUPLE_REPLY
            14 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 01
            14 00 04 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 14 e9 00 00 06 00 03 00 9c 41 00 00
          08 00 03 00 00 00 01 88                                 # CTA_STATUS
          08 00 08 00 00 00 00 00                                 # CTA_MARK
          08 00 0c 00 8c 6a 8a 60                                 # CTA_ID
          08 00 0b 00 00 00 00 01                                 # CTA_USE
          08 00 07 00 00 00 00 1d                                 # CTA_TIMEOUT
        """;

    /// <summary>
    /// Request: delete <see cref="InZone"/>. conntrack repeats what it was told, reply tuple, status, timeout and mark as well, and no
    /// CTA_ID; the kernel looks at CTA_TUPLE_ORIG, CTA_ZONE and CTA_ID (ctnetlink_del_conntrack).
    /// </summary>
    public const string DeleteInZone = """
        9c 00 00 00 02 01 05 00 1c 7f 07 6b 00 00 00 00           # IPCTNL_MSG_CT_DELETE, 156 bytes, flags 0x5
        02 00 00 00                                               # nfgenmsg
          34 00 01 80 14 00 01 80                                 # CTA_TUPLE_ORIG
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 9c 40 00 00 06 00 03 00 14 eb 00 00
          34 00 02 80 14 00 01 80                                 # CTA_TUPLE_REPLY
            08 00 01 00 7f 00 00 01 08 00 02 00 7f 00 00 01
            1c 00 02 80 05 00 01 00 11 00 00 00
            06 00 02 00 14 eb 00 00 06 00 03 00 9c 40 00 00
          08 00 03 00 00 00 01 88                                 # CTA_STATUS
          08 00 07 00 00 00 00 1d                                 # CTA_TIMEOUT
          08 00 08 00 00 00 00 00                                 # CTA_MARK
          06 00 12 00 00 07 00 00                                 # CTA_ZONE
        """;
}
