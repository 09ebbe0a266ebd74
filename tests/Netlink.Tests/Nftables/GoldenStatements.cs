namespace Netlink.Tests.Nftables;

/// <summary>
/// What nft 1.0.6 sends for statements and to place rules, without the messages that frame the batch. Captured on kernel 6.18.44 by
/// <c>strace -e trace=sendmsg -e write=3 -s 65535 nft COMMAND</c>; the commands stand above the captures.
/// </summary>
internal static class GoldenStatements
{
    /// <summary><c>nft 'add rule inet t side counter masquerade fully-random'</c></summary>
    public const string AddMasqueradeRule = """
        5c 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 92 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          34 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 52 bytes
            14 00 01 80                                           # NFTA_LIST_ELEM, 20 bytes
              0c 00 01 00 63 6f 75 6e 74 65 72 00                 # NFTA_EXPR_NAME 'counter'
              04 00 02 80                                         # NFTA_EXPR_DATA, 4 bytes
            1c 00 01 80                                           # NFTA_LIST_ELEM, 28 bytes
              09 00 01 00 6d 61 73 71 00 00 00 00                 # NFTA_EXPR_NAME 'masq'
              0c 00 02 80                                         # NFTA_EXPR_DATA, 12 bytes
                08 00 01 00 00 00 00 10                           # NFTA_MASQ_FLAGS
        """;

    /// <summary><c>nft 'add rule inet t side ct mark set 0x1'</c></summary>
    public const string AddCtMarkRule = """
        78 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 120 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          50 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 80 bytes
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              18 00 02 80                                         # NFTA_EXPR_DATA, 24 bytes
                08 00 01 00 00 00 00 01                           # NFTA_IMMEDIATE_DREG
                0c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 12 bytes
                  08 00 01 00 01 00 00 00                         # NFTA_DATA_VALUE
            20 00 01 80                                           # NFTA_LIST_ELEM, 32 bytes
              07 00 01 00 63 74 00 00                             # NFTA_EXPR_NAME 'ct'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 03                           # NFTA_CT_KEY
                08 00 04 00 00 00 00 01                           # NFTA_CT_SREG
        """;

    /// <summary><c>nft 'add rule inet t side limit rate over 10/second burst 7 packets drop'</c></summary>
    public const string AddLimitRule = """
        a0 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 160 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          78 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 120 bytes
            44 00 01 80                                           # NFTA_LIST_ELEM, 68 bytes
              0a 00 01 00 6c 69 6d 69 74 00 00 00                 # NFTA_EXPR_NAME 'limit'
              34 00 02 80                                         # NFTA_EXPR_DATA, 52 bytes
                0c 00 01 00 00 00 00 00 00 00 00 0a               # NFTA_LIMIT_RATE
                0c 00 02 00 00 00 00 00 00 00 00 01               # NFTA_LIMIT_UNIT
                08 00 03 00 00 00 00 07                           # NFTA_LIMIT_BURST
                08 00 04 00 00 00 00 00                           # NFTA_LIMIT_TYPE
                08 00 05 00 00 00 00 01                           # NFTA_LIMIT_FLAGS
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 00                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side reject with icmpx type port-unreachable'</c></summary>
    public const string AddRejectRule = """
        50 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 80 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          28 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 40 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              0b 00 01 00 72 65 6a 65 63 74 00 00                 # NFTA_EXPR_NAME 'reject'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 01 00 00 00 00 02                           # NFTA_REJECT_TYPE
                05 00 02 00 01 00 00 00                           # NFTA_REJECT_ICMP_CODE
        """;

    /// <summary><c>nft 'insert rule inet t side position 8 accept'</c></summary>
    public const string InsertRule = """
        68 00 00 00 06 0a 01 04 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 104 bytes, flags 0x401, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          34 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 52 bytes
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
          0c 00 06 00 00 00 00 00 00 00 00 08                     # NFTA_RULE_POSITION
        """;

    /// <summary><c>nft 'replace rule inet t side handle 8 drop'</c></summary>
    public const string ReplaceRule = """
        68 00 00 00 06 0a 01 01 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 104 bytes, flags 0x101, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          0c 00 03 00 00 00 00 00 00 00 00 08                     # NFTA_RULE_HANDLE
          34 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 52 bytes
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 00                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t post dnat ip to meta l4proto . th dport map @publish'</c></summary>
    public const string AddNatMapRule = """
        ec 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 236 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 70 6f 73 74 00 00 00 00                     # NFTA_RULE_CHAIN 'post'
          c4 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 196 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 10                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            34 00 01 80                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 09                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 02                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 02                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 02                           # NFTA_PAYLOAD_LEN
            38 00 01 80                                           # NFTA_LIST_ELEM, 56 bytes
              0b 00 01 00 6c 6f 6f 6b 75 70 00 00                 # NFTA_EXPR_NAME 'lookup'
              28 00 02 80                                         # NFTA_EXPR_DATA, 40 bytes
                08 00 02 00 00 00 00 01                           # NFTA_LOOKUP_SREG
                08 00 03 00 00 00 00 01                           # NFTA_LOOKUP_DREG
                0c 00 01 00 70 75 62 6c 69 73 68 00               # NFTA_LOOKUP_SET 'publish'
                08 00 04 00 00 00 00 03                           # NFTA_LOOKUP_SET_ID
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              08 00 01 00 6e 61 74 00                             # NFTA_EXPR_NAME 'nat'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_NAT_TYPE
                08 00 02 00 00 00 00 02                           # NFTA_NAT_FAMILY
                08 00 03 00 00 00 00 01                           # NFTA_NAT_REG_ADDR_MIN
                08 00 05 00 00 00 00 09                           # NFTA_NAT_REG_PROTO_MIN
        """;

    /// <summary><c>nft 'add rule inet t post meta l4proto tcp snat ip to 10.0.0.1:80'</c></summary>
    public const string AddNatRule = """
        0c 01 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 268 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 70 6f 73 74 00 00 00 00                     # NFTA_RULE_CHAIN 'post'
          e4 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 228 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 10                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 06 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              18 00 02 80                                         # NFTA_EXPR_DATA, 24 bytes
                08 00 01 00 00 00 00 01                           # NFTA_IMMEDIATE_DREG
                0c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 12 bytes
                  08 00 01 00 0a 00 00 01                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              18 00 02 80                                         # NFTA_EXPR_DATA, 24 bytes
                08 00 01 00 00 00 00 02                           # NFTA_IMMEDIATE_DREG
                0c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 12 bytes
                  06 00 01 00 00 50 00 00                         # NFTA_DATA_VALUE
            38 00 01 80                                           # NFTA_LIST_ELEM, 56 bytes
              08 00 01 00 6e 61 74 00                             # NFTA_EXPR_NAME 'nat'
              2c 00 02 80                                         # NFTA_EXPR_DATA, 44 bytes
                08 00 01 00 00 00 00 00                           # NFTA_NAT_TYPE
                08 00 02 00 00 00 00 02                           # NFTA_NAT_FAMILY
                08 00 03 00 00 00 00 01                           # NFTA_NAT_REG_ADDR_MIN
                08 00 05 00 00 00 00 02                           # NFTA_NAT_REG_PROTO_MIN
                08 00 07 00 00 00 00 02                           # NFTA_NAT_FLAGS
        """;

    /// <summary><c>nft 'add rule inet t post meta l4proto tcp redirect to :80'</c></summary>
    public const string AddRedirectRule = """
        cc 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 204 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 70 6f 73 74 00 00 00 00                     # NFTA_RULE_CHAIN 'post'
          a4 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 164 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 10                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 06 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              18 00 02 80                                         # NFTA_EXPR_DATA, 24 bytes
                08 00 01 00 00 00 00 01                           # NFTA_IMMEDIATE_DREG
                0c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 12 bytes
                  06 00 01 00 00 50 00 00                         # NFTA_DATA_VALUE
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              0a 00 01 00 72 65 64 69 72 00 00 00                 # NFTA_EXPR_NAME 'redir'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 01 00 00 00 00 01                           # NFTA_REDIR_REG_PROTO_MIN
                08 00 03 00 00 00 00 02                           # NFTA_REDIR_FLAGS
        """;

    /// <summary><c>nft 'add rule inet t side tcp option maxseg size set rt mtu'</c></summary>
    public const string AddMssClampRule = """
        c8 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 200 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          a0 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 160 bytes
            20 00 01 80                                           # NFTA_LIST_ELEM, 32 bytes
              07 00 01 00 72 74 00 00                             # NFTA_EXPR_NAME 'rt'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 03                           # NFTA_RT_KEY
                08 00 01 00 00 00 00 01                           # NFTA_RT_DREG
            40 00 01 80                                           # NFTA_LIST_ELEM, 64 bytes
              0e 00 01 00 62 79 74 65 6f 72 64 65 72 00 00 00     # NFTA_EXPR_NAME 'byteorder'
              2c 00 02 80                                         # NFTA_EXPR_DATA, 44 bytes
                08 00 01 00 00 00 00 01                           # NFTA_BYTEORDER_SREG
                08 00 02 00 00 00 00 01                           # NFTA_BYTEORDER_DREG
                08 00 03 00 00 00 00 01                           # NFTA_BYTEORDER_OP
                08 00 04 00 00 00 00 02                           # NFTA_BYTEORDER_LEN
                08 00 05 00 00 00 00 02                           # NFTA_BYTEORDER_SIZE
            3c 00 01 80                                           # NFTA_LIST_ELEM, 60 bytes
              0b 00 01 00 65 78 74 68 64 72 00 00                 # NFTA_EXPR_NAME 'exthdr'
              2c 00 02 80                                         # NFTA_EXPR_DATA, 44 bytes
                08 00 07 00 00 00 00 01                           # NFTA_EXTHDR_SREG
                05 00 02 00 02 00 00 00                           # NFTA_EXTHDR_TYPE
                08 00 03 00 00 00 00 02                           # NFTA_EXTHDR_OFFSET
                08 00 04 00 00 00 00 02                           # NFTA_EXTHDR_LEN
                08 00 06 00 00 00 00 01                           # NFTA_EXTHDR_OP
        """;
}
