namespace Netlink.Tests.Nftables;

/// <summary>
/// What nft 1.0.6 sends for matches and verdicts, without the messages that frame the batch. Captured on kernel 6.18.44 by
/// <c>strace -e trace=sendmsg -e write=3 -s 65535 nft COMMAND</c>; the commands stand above the captures.
/// </summary>
internal static class GoldenRules
{
    /// <summary><c>nft 'add rule inet t post ip saddr vmap @masq4 comment "pods"'</c></summary>
    public const string AddVerdictMapRule = """
        f4 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 244 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 70 6f 73 74 00 00 00 00                     # NFTA_RULE_CHAIN 'post'
          c0 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 192 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 0f                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 02 00 00 00                         # NFTA_DATA_VALUE
            34 00 01 80                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 0c                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 04                           # NFTA_PAYLOAD_LEN
            38 00 01 80                                           # NFTA_LIST_ELEM, 56 bytes
              0b 00 01 00 6c 6f 6f 6b 75 70 00 00                 # NFTA_EXPR_NAME 'lookup'
              28 00 02 80                                         # NFTA_EXPR_DATA, 40 bytes
                08 00 02 00 00 00 00 01                           # NFTA_LOOKUP_SREG
                08 00 03 00 00 00 00 00                           # NFTA_LOOKUP_DREG
                0a 00 01 00 6d 61 73 71 34 00 00 00               # NFTA_LOOKUP_SET 'masq4'
                08 00 04 00 00 00 00 02                           # NFTA_LOOKUP_SET_ID
          0b 00 07 00 00 05 70 6f 64 73 00 00                     # NFTA_RULE_USERDATA
        """;

    /// <summary><c>nft 'add rule inet t side ip daddr 10.1.0.0/16 return'</c></summary>
    public const string AddSubnetRule = """
        0c 01 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 268 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          e4 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 228 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 0f                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 02 00 00 00                         # NFTA_DATA_VALUE
            34 00 01 80                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 10                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 02                           # NFTA_PAYLOAD_LEN
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  06 00 01 00 0a 01 00 00                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 ff ff ff fb                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side ip daddr 224.0.0.0/4 return'</c></summary>
    public const string AddMulticastRule = """
        50 01 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 336 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          28 01 04 80                                             # NFTA_RULE_EXPRESSIONS, 296 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 0f                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 02 00 00 00                         # NFTA_DATA_VALUE
            34 00 01 80                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 10                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 04                           # NFTA_PAYLOAD_LEN
            44 00 01 80                                           # NFTA_LIST_ELEM, 68 bytes
              0c 00 01 00 62 69 74 77 69 73 65 00                 # NFTA_EXPR_NAME 'bitwise'
              34 00 02 80                                         # NFTA_EXPR_DATA, 52 bytes
                08 00 01 00 00 00 00 01                           # NFTA_BITWISE_SREG
                08 00 02 00 00 00 00 01                           # NFTA_BITWISE_DREG
                08 00 03 00 00 00 00 04                           # NFTA_BITWISE_LEN
                0c 00 04 80                                       # NFTA_BITWISE_MASK, 12 bytes
                  08 00 01 00 f0 00 00 00                         # NFTA_DATA_VALUE
                0c 00 05 80                                       # NFTA_BITWISE_XOR, 12 bytes
                  08 00 01 00 00 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 e0 00 00 00                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 ff ff ff fb                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side ip6 daddr fd00::/64 return'</c></summary>
    public const string AddSubnet6Rule = """
        10 01 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 272 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          e8 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 232 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 0f                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 0a 00 00 00                         # NFTA_DATA_VALUE
            34 00 01 80                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 18                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 08                           # NFTA_PAYLOAD_LEN
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              24 00 02 80                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                10 00 03 80                                       # NFTA_CMP_DATA, 16 bytes
                  0c 00 01 00 fd 00 00 00 00 00 00 00             # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 ff ff ff fb                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side iifname != @ports meta mark set 0x1000 accept'</c></summary>
    public const string AddInvertedLookupRule = """
        08 01 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 264 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          e0 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 224 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 06                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            38 00 01 80                                           # NFTA_LIST_ELEM, 56 bytes
              0b 00 01 00 6c 6f 6f 6b 75 70 00 00                 # NFTA_EXPR_NAME 'lookup'
              28 00 02 80                                         # NFTA_EXPR_DATA, 40 bytes
                08 00 02 00 00 00 00 01                           # NFTA_LOOKUP_SREG
                0a 00 01 00 70 6f 72 74 73 00 00 00               # NFTA_LOOKUP_SET 'ports'
                08 00 04 00 00 00 00 01                           # NFTA_LOOKUP_SET_ID
                08 00 05 00 00 00 00 01                           # NFTA_LOOKUP_FLAGS
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              18 00 02 80                                         # NFTA_EXPR_DATA, 24 bytes
                08 00 01 00 00 00 00 01                           # NFTA_IMMEDIATE_DREG
                0c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 12 bytes
                  08 00 01 00 00 10 00 00                         # NFTA_DATA_VALUE
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 03                           # NFTA_META_KEY
                08 00 03 00 00 00 00 01                           # NFTA_META_SREG
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side fib daddr type local drop'</c></summary>
    public const string AddFibRule = """
        b0 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 176 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          88 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 136 bytes
            28 00 01 80                                           # NFTA_LIST_ELEM, 40 bytes
              08 00 01 00 66 69 62 00                             # NFTA_EXPR_NAME 'fib'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 03 00 00 00 00 02                           # NFTA_FIB_FLAGS
                08 00 02 00 00 00 00 03                           # NFTA_FIB_RESULT
                08 00 01 00 00 00 00 01                           # NFTA_FIB_DREG
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 02 00 00 00                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 00                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side ct state established,related accept'</c></summary>
    public const string AddCtRule = """
        ec 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 236 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          c4 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 196 bytes
            20 00 01 80                                           # NFTA_LIST_ELEM, 32 bytes
              07 00 01 00 63 74 00 00                             # NFTA_EXPR_NAME 'ct'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 00                           # NFTA_CT_KEY
                08 00 01 00 00 00 00 01                           # NFTA_CT_DREG
            44 00 01 80                                           # NFTA_LIST_ELEM, 68 bytes
              0c 00 01 00 62 69 74 77 69 73 65 00                 # NFTA_EXPR_NAME 'bitwise'
              34 00 02 80                                         # NFTA_EXPR_DATA, 52 bytes
                08 00 01 00 00 00 00 01                           # NFTA_BITWISE_SREG
                08 00 02 00 00 00 00 01                           # NFTA_BITWISE_DREG
                08 00 03 00 00 00 00 04                           # NFTA_BITWISE_LEN
                0c 00 04 80                                       # NFTA_BITWISE_MASK, 12 bytes
                  08 00 01 00 06 00 00 00                         # NFTA_DATA_VALUE
                0c 00 05 80                                       # NFTA_BITWISE_XOR, 12 bytes
                  08 00 01 00 00 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 01                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 00 00 00 00                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side ct original ip daddr 10.0.0.1 accept'</c></summary>
    public const string AddCtDirectionRule = """
        b0 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 176 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          88 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 136 bytes
            28 00 01 80                                           # NFTA_LIST_ELEM, 40 bytes
              07 00 01 00 63 74 00 00                             # NFTA_EXPR_NAME 'ct'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 02 00 00 00 00 14                           # NFTA_CT_KEY
                08 00 01 00 00 00 00 01                           # NFTA_CT_DREG
                05 00 03 00 00 00 00 00                           # NFTA_CT_DIRECTION
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 0a 00 00 01                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
        """;

    /// <summary><c>nft 'add rule inet t side meta mark &gt; 5 jump other'</c></summary>
    public const string AddByteorderRule = """
        f8 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 248 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          d0 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 208 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 03                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            40 00 01 80                                           # NFTA_LIST_ELEM, 64 bytes
              0e 00 01 00 62 79 74 65 6f 72 64 65 72 00 00 00     # NFTA_EXPR_NAME 'byteorder'
              2c 00 02 80                                         # NFTA_EXPR_DATA, 44 bytes
                08 00 01 00 00 00 00 01                           # NFTA_BYTEORDER_SREG
                08 00 02 00 00 00 00 01                           # NFTA_BYTEORDER_DREG
                08 00 03 00 00 00 00 01                           # NFTA_BYTEORDER_OP
                08 00 04 00 00 00 00 04                           # NFTA_BYTEORDER_LEN
                08 00 05 00 00 00 00 04                           # NFTA_BYTEORDER_SIZE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 04                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 00 00 00 05                         # NFTA_DATA_VALUE
            3c 00 01 80                                           # NFTA_LIST_ELEM, 60 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              28 00 02 80                                         # NFTA_EXPR_DATA, 40 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                1c 00 02 80                                       # NFTA_IMMEDIATE_DATA, 28 bytes
                  18 00 02 80                                     # NFTA_DATA_VERDICT, 24 bytes
                    08 00 01 00 ff ff ff fd                       # NFTA_VERDICT_CODE
                    0a 00 02 00 6f 74 68 65 72 00 00 00           # NFTA_VERDICT_CHAIN 'other'
        """;

    /// <summary><c>nft 'add rule inet t side meta mark &amp; 0x1000 == 0x1000 accept'</c></summary>
    public const string AddMarkRule = """
        f8 00 00 00 06 0a 01 0c 01 00 00 00 00 00 00 00           # NFT_MSG_NEWRULE, 248 bytes, flags 0xc01, seq 1
        01 00 00 00                                               # nfgenmsg
          06 00 01 00 74 00 00 00                                 # NFTA_RULE_TABLE 't'
          09 00 02 00 73 69 64 65 00 00 00 00                     # NFTA_RULE_CHAIN 'side'
          d0 00 04 80                                             # NFTA_RULE_EXPRESSIONS, 208 bytes
            24 00 01 80                                           # NFTA_LIST_ELEM, 36 bytes
              09 00 01 00 6d 65 74 61 00 00 00 00                 # NFTA_EXPR_NAME 'meta'
              14 00 02 80                                         # NFTA_EXPR_DATA, 20 bytes
                08 00 02 00 00 00 00 03                           # NFTA_META_KEY
                08 00 01 00 00 00 00 01                           # NFTA_META_DREG
            4c 00 01 80                                           # NFTA_LIST_ELEM, 76 bytes
              0c 00 01 00 62 69 74 77 69 73 65 00                 # NFTA_EXPR_NAME 'bitwise'
              3c 00 02 80                                         # NFTA_EXPR_DATA, 60 bytes
                08 00 01 00 00 00 00 01                           # NFTA_BITWISE_SREG
                08 00 02 00 00 00 00 01                           # NFTA_BITWISE_DREG
                08 00 06 00 00 00 00 00                           # NFTA_BITWISE_OP
                08 00 03 00 00 00 00 04                           # NFTA_BITWISE_LEN
                0c 00 04 80                                       # NFTA_BITWISE_MASK, 12 bytes
                  08 00 01 00 00 10 00 00                         # NFTA_DATA_VALUE
                0c 00 05 80                                       # NFTA_BITWISE_XOR, 12 bytes
                  08 00 01 00 00 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 80                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 80                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 80                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 00 10 00 00                         # NFTA_DATA_VALUE
            30 00 01 80                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 80                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 80                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 80                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
        """;
}
