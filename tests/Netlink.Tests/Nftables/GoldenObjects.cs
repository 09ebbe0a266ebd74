namespace Netlink.Tests.Nftables;

/// <summary>
/// What nft 1.0.6 sends for tables, chains, sets and maps, without the messages that frame the batch. Captured on kernel 6.18.44 by
/// <c>strace -e trace=sendmsg -e write=3 -s 65535 nft COMMAND</c>; the commands stand above the captures.
/// </summary>
internal static class GoldenObjects
{
    /// <summary><c>nft 'add table inet t { comment "pods and ports"; }'</c></summary>
    public const string AddTable = """
        3c 00 00 00 00 0a 01 00 01 00 00 00 00 00 00 00           # NFT_MSG_NEWTABLE, 60 bytes, flags 0x1, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_TABLE_NAME 't'
          08 00 02 00 00 00 00 00                                 # NFTA_TABLE_FLAGS
          15 00 06 00 00 0f 70 6f 64 73 20 61 6e 64 20 70         # NFTA_TABLE_USERDATA
          6f 72 74 73 00 00 00 00
        """;

    /// <summary><c>nft 'add chain inet t post { type nat hook postrouting priority srcnat; policy accept; comment "out"; }'</c></summary>
    public const string AddBaseChain = """
        58 00 00 00 03 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWCHAIN, 88 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_CHAIN_TABLE 't'
          09 00 03 00 70 6f 73 74 00 00 00 00                     # NFTA_CHAIN_NAME 'post'
          08 00 07 00 6e 61 74 00                                 # NFTA_CHAIN_TYPE 'nat'
          08 00 05 00 00 00 00 01                                 # NFTA_CHAIN_POLICY
          14 00 04 80                                             # NFTA_CHAIN_HOOK, 20 bytes
            08 00 01 00 00 00 00 04                               # NFTA_HOOK_HOOKNUM
            08 00 02 00 00 00 00 64                               # NFTA_HOOK_PRIORITY
          0a 00 0c 00 00 04 6f 75 74 00 00 00                     # NFTA_CHAIN_USERDATA
        """;

    /// <summary><c>nft 'add chain inet t side'</c></summary>
    public const string AddRegularChain = """
        28 00 00 00 03 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWCHAIN, 40 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_CHAIN_TABLE 't'
          09 00 03 00 73 69 64 65 00 00 00 00                     # NFTA_CHAIN_NAME 'side'
        """;

    /// <summary><c>nft 'add chain inet t in { type filter hook ingress device "lo" priority -5; policy drop; }'</c></summary>
    public const string AddIngressChain = """
        54 00 00 00 03 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWCHAIN, 84 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_CHAIN_TABLE 't'
          07 00 03 00 69 6e 00 00                                 # NFTA_CHAIN_NAME 'in'
          0b 00 07 00 66 69 6c 74 65 72 00 00                     # NFTA_CHAIN_TYPE 'filter'
          08 00 05 00 00 00 00 00                                 # NFTA_CHAIN_POLICY
          1c 00 04 80                                             # NFTA_CHAIN_HOOK, 28 bytes
            08 00 01 00 00 00 00 05                               # NFTA_HOOK_HOOKNUM
            08 00 02 00 ff ff ff fb                               # NFTA_HOOK_PRIORITY
            07 00 03 00 6c 6f 00 00                               # NFTA_HOOK_DEV 'lo'
        """;

    /// <summary><c>nft 'add set inet t ports { type ifname; comment "bridge ports"; }'</c></summary>
    public const string AddSet = """
        64 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 100 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0a 00 02 00 70 6f 72 74 73 00 00 00                     # NFTA_SET_NAME 'ports'
          08 00 03 00 00 00 00 00                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 00 29                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 10                                 # NFTA_SET_KEY_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          19 00 0d 00 00 04 01 00 00 00 07 0d 62 72 69 64         # NFTA_SET_USERDATA
          67 65 20 70 6f 72 74 73 00 00 00 00
        """;

    /// <summary><c>nft 'add map inet t masq4 { type ipv4_addr : verdict; }'</c></summary>
    public const string AddVerdictMap = """
        70 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 112 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0a 00 02 00 6d 61 73 71 34 00 00 00                     # NFTA_SET_NAME 'masq4'
          08 00 03 00 00 00 00 08                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 00 07                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 04                                 # NFTA_SET_KEY_LEN
          08 00 06 00 ff ff ff 00                                 # NFTA_SET_DATA_TYPE
          08 00 07 00 00 00 00 00                                 # NFTA_SET_DATA_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          16 00 0d 00 00 04 02 00 00 00 01 04 00 00 00 00         # NFTA_SET_USERDATA
          06 04 00 00 00 00 00 00
        """;

    /// <summary><c>nft 'add map inet t marks { type ipv6_addr : mark; }'</c></summary>
    public const string AddMarkMap = """
        70 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 112 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0a 00 02 00 6d 61 72 6b 73 00 00 00                     # NFTA_SET_NAME 'marks'
          08 00 03 00 00 00 00 08                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 00 08                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 10                                 # NFTA_SET_KEY_LEN
          08 00 06 00 00 00 00 13                                 # NFTA_SET_DATA_TYPE
          08 00 07 00 00 00 00 04                                 # NFTA_SET_DATA_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          16 00 0d 00 00 04 02 00 00 00 01 04 01 00 00 00         # NFTA_SET_USERDATA
          06 04 00 00 00 00 00 00
        """;

    /// <summary><c>nft 'add set inet t nets { type ipv4_addr; flags interval; }'</c></summary>
    public const string AddIntervalSet = """
        54 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 84 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          09 00 02 00 6e 65 74 73 00 00 00 00                     # NFTA_SET_NAME 'nets'
          08 00 03 00 00 00 00 04                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 00 07                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 04                                 # NFTA_SET_KEY_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          0a 00 0d 00 00 04 02 00 00 00 00 00                     # NFTA_SET_USERDATA
        """;

    /// <summary><c>nft 'add map inet t publish { type inet_proto . inet_service : ipv4_addr . inet_service; }'</c></summary>
    public const string AddConcatenatedMap = """
        84 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 132 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0c 00 02 00 70 75 62 6c 69 73 68 00                     # NFTA_SET_NAME 'publish'
          08 00 03 00 00 00 00 08                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 03 0d                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 08                                 # NFTA_SET_KEY_LEN
          08 00 06 00 00 00 01 cd                                 # NFTA_SET_DATA_TYPE
          08 00 07 00 00 00 00 08                                 # NFTA_SET_DATA_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          2a 00 0d 00 00 04 00 00 00 00 01 04 00 00 00 00         # NFTA_SET_USERDATA
          03 08 00 04 0d 00 00 00 01 00 04 08 00 04 0d 00
          00 00 01 00 06 04 00 00 00 00 00 00
        """;

    /// <summary><c>nft 'add set inet t ranges { type ipv4_addr . inet_service; flags interval; }'</c></summary>
    public const string AddConcatenatedIntervalSet = """
        7c 00 00 00 09 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWSET, 124 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_SET_TABLE 't'
          0b 00 02 00 72 61 6e 67 65 73 00 00                     # NFTA_SET_NAME 'ranges'
          08 00 03 00 00 00 00 84                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 01 cd                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 08                                 # NFTA_SET_KEY_LEN
          08 00 0a 00 00 00 00 01                                 # NFTA_SET_ID
          20 00 09 80                                             # NFTA_SET_DESC, 32 bytes
            1c 00 02 80                                           # NFTA_SET_DESC_CONCAT, 28 bytes
              0c 00 01 80                                         # NFTA_LIST_ELEM, 12 bytes
                08 00 01 00 00 00 00 04                           # NFTA_SET_FIELD_LEN
              0c 00 01 80                                         # NFTA_LIST_ELEM, 12 bytes
                08 00 01 00 00 00 00 02                           # NFTA_SET_FIELD_LEN
          14 00 0d 00 00 04 00 00 00 00 03 08 00 04 0d 00         # NFTA_SET_USERDATA
          00 00 01 00
        """;
}
