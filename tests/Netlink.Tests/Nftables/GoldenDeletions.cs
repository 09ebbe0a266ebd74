namespace Netlink.Tests.Nftables;

/// <summary>
/// What nft 1.0.6 sends for requests that delete, without the messages that frame the batch. Captured on kernel 6.18.44 by
/// <c>strace -e trace=sendmsg -e write=3 -s 65535 nft COMMAND</c>; the commands stand above the captures.
/// </summary>
internal static class GoldenDeletions
{
    /// <summary><c>nft 'delete rule inet t side handle 8'</c></summary>
    public const string DeleteRule = """
        34 00 00 00 08 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELRULE, 52 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          0c 00 03 00 00 00 00 00 00 00 00 08                     # NFTA_RULE_HANDLE
        """;

    /// <summary><c>nft 'flush chain inet t side'</c></summary>
    public const string FlushChain = """
        28 00 00 00 08 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELRULE, 40 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
        """;

    /// <summary><c>nft 'delete element inet t ports { "veth0" }'</c></summary>
    public const string DeleteElement = """
        48 00 00 00 0e 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELSETELEM, 72 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 't'
          0a 00 02 00 70 6f 72 74 73 00 00 00                     # NFTA_SET_ELEM_LIST_SET 'ports'
          20 00 03 80                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 32 bytes
            1c 00 01 80                                           # NFTA_LIST_ELEM, 28 bytes
              18 00 01 80                                         # NFTA_SET_ELEM_KEY, 24 bytes
                14 00 01 00 76 65 74 68 30 00 00 00 00 00 00 00   # NFTA_DATA_VALUE 'veth0'
                00 00 00 00
        """;

    /// <summary><c>nft 'delete set inet t ports'</c></summary>
    public const string DeleteSet = """
        28 00 00 00 0b 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELSET, 40 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0a 00 02 00 70 6f 72 74 73 00 00 00                     # NFTA_SET_NAME 'ports'
        """;

    /// <summary><c>nft 'delete chain inet t side'</c></summary>
    public const string DeleteChain = """
        28 00 00 00 05 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELCHAIN, 40 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_CHAIN_TABLE 't'
          09 00 03 00 73 69 64 65 00 00 00 00                     # NFTA_CHAIN_NAME 'side'
        """;

    /// <summary><c>nft 'delete table inet t'</c></summary>
    public const string DeleteTable = """
        1c 00 00 00 02 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_DELTABLE, 28 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_TABLE_NAME 't'
        """;
}
