namespace Netlink.Tests.Nftables;

/// <summary>
/// What nft 1.0.6 sends for elements, without the messages that frame the batch. Captured on kernel 6.18.44 by
/// <c>strace -e trace=sendmsg -e write=3 -s 65535 nft COMMAND</c>; the commands stand above the captures.
/// </summary>
internal static class GoldenElements
{
    /// <summary><c>nft 'add element inet t masq4 { 10.1.0.5 comment "tag net pod eth0" : goto side }'</c></summary>
    public const string AddVerdictElement = """
        78 00 00 00 0c 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSETELEM, 120 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 't'
          0a 00 02 00 6d 61 73 71 34 00 00 00                     # NFTA_SET_ELEM_LIST_SET 'masq4'
          08 00 04 00 00 00 00 02                                 # NFTA_SET_ELEM_LIST_SET_ID
          48 00 03 80                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 72 bytes
            44 00 01 80                                           # NFTA_LIST_ELEM, 68 bytes
              0c 00 01 80                                         # NFTA_SET_ELEM_KEY, 12 bytes
                08 00 01 00 0a 01 00 05                           # NFTA_DATA_VALUE
              1c 00 02 80                                         # NFTA_SET_ELEM_DATA, 28 bytes
                18 00 02 80                                       # NFTA_DATA_VERDICT, 24 bytes
                  08 00 01 00 ff ff ff fc                         # NFTA_VERDICT_CODE
                  09 00 02 00 73 69 64 65 00 00 00 00             # NFTA_VERDICT_CHAIN 'side'
              17 00 06 00 00 11 74 61 67 20 6e 65 74 20 70 6f     # NFTA_SET_ELEM_USERDATA
              64 20 65 74 68 30 00 00
        """;

    /// <summary><c>nft 'create element inet t ports { "veth0" }'</c></summary>
    public const string CreateElement = """
        50 00 00 00 0c 0a 01 06 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSETELEM, 80 bytes, flags 0x601, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 't'
          0a 00 02 00 70 6f 72 74 73 00 00 00                     # NFTA_SET_ELEM_LIST_SET 'ports'
          08 00 04 00 00 00 00 01                                 # NFTA_SET_ELEM_LIST_SET_ID
          20 00 03 80                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 32 bytes
            1c 00 01 80                                           # NFTA_LIST_ELEM, 28 bytes
              18 00 01 80                                         # NFTA_SET_ELEM_KEY, 24 bytes
                14 00 01 00 76 65 74 68 30 00 00 00 00 00 00 00   # NFTA_DATA_VALUE 'veth0'
                00 00 00 00
        """;

    /// <summary><c>nft 'add element inet t publish { tcp . 8080 comment "c" : 10.1.0.5 . 80 }'</c></summary>
    public const string AddConcatenatedElement = """
        60 00 00 00 0c 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSETELEM, 96 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 't'
          0c 00 02 00 70 75 62 6c 69 73 68 00                     # NFTA_SET_ELEM_LIST_SET 'publish'
          08 00 04 00 00 00 00 03                                 # NFTA_SET_ELEM_LIST_SET_ID
          30 00 03 80                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 48 bytes
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              10 00 01 80                                         # NFTA_SET_ELEM_KEY, 16 bytes
                0c 00 01 00 06 00 00 00 1f 90 00 00               # NFTA_DATA_VALUE
              10 00 02 80                                         # NFTA_SET_ELEM_DATA, 16 bytes
                0c 00 01 00 0a 01 00 05 00 50 00 00               # NFTA_DATA_VALUE
              08 00 06 00 00 02 63 00                             # NFTA_SET_ELEM_USERDATA
        """;

    /// <summary><c>nft 'add element inet t ranges { 10.0.0.0/8 . 80-90 }'</c></summary>
    public const string AddRangeElement = """
        58 00 00 00 0c 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSETELEM, 88 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 't'
          0b 00 02 00 72 61 6e 67 65 73 00 00                     # NFTA_SET_ELEM_LIST_SET 'ranges'
          08 00 04 00 00 00 00 04                                 # NFTA_SET_ELEM_LIST_SET_ID
          28 00 03 80                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 40 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              10 00 01 80                                         # NFTA_SET_ELEM_KEY, 16 bytes
                0c 00 01 00 0a 00 00 00 00 50 00 00               # NFTA_DATA_VALUE
              10 00 0a 80                                         # NFTA_SET_ELEM_KEY_END, 16 bytes
                0c 00 01 00 0a ff ff ff 00 5a 00 00               # NFTA_DATA_VALUE
        """;
}
