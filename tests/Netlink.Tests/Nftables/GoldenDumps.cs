namespace Netlink.Tests.Nftables;

/// <summary>
/// What kernel 6.18.44 answers, captured by <c>strace -e trace=recvmsg -e read=3 -s 65535 nft list ruleset</c> after
/// <c>iptables-nft -P FORWARD DROP; iptables-nft -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE; nft 'add table inet o { comment
/// "theirs"; chain c { log prefix "x" quota 5 mbytes numgen random mod 2 0 accept comment "odd"; }; map m { type ipv4_addr : verdict; flags
/// timeout; elements = { 10.0.0.1 timeout 1h comment "c" : jump c }; }; }'</c>.
/// </summary>
internal static class GoldenDumps
{
    /// <summary>A table with a comment.</summary>
    public const string Table = """
        48 00 00 00 00 0a 02 00 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWTABLE, 72 bytes, flags 0x2, seq 0
        01 00 00 05                                               # nfgenmsg
          06 00 01 00 6f 00 00 00                                 # NFTA_TABLE_NAME 'o'
          08 00 03 00 00 00 00 02                                 # NFTA_TABLE_USE
          0c 00 04 00 00 00 00 00 00 00 00 03                     # NFTA_TABLE_HANDLE
          08 00 02 00 00 00 00 00                                 # NFTA_TABLE_FLAGS
          0d 00 06 00 00 07 74 68 65 69 72 73 00 00 00 00         # NFTA_TABLE_USERDATA
        """;

    /// <summary>The chain FORWARD of iptables-nft with policy DROP.</summary>
    public const string Chain = """
        8c 00 00 00 03 0a 02 00 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWCHAIN, 140 bytes, flags 0x2, seq 0
        02 00 00 05                                               # nfgenmsg
          0b 00 01 00 66 69 6c 74 65 72 00 00                     # NFTA_CHAIN_TABLE 'filter'
          0c 00 03 00 46 4f 52 57 41 52 44 00                     # NFTA_CHAIN_NAME 'FORWARD'
          0c 00 02 00 00 00 00 00 00 00 00 01                     # NFTA_CHAIN_HANDLE
          14 00 04 00                                             # NFTA_CHAIN_HOOK, 20 bytes
            08 00 01 00 00 00 00 02                               # NFTA_HOOK_HOOKNUM
            08 00 02 00 00 00 00 00                               # NFTA_HOOK_PRIORITY
          08 00 05 00 00 00 00 00                                 # NFTA_CHAIN_POLICY
          0b 00 07 00 66 69 6c 74 65 72 00 00                     # NFTA_CHAIN_TYPE 'filter'
          1c 00 08 00 0c 00 02 00 00 00 00 00 00 00 00 00         # NFTA_CHAIN_COUNTERS
          0c 00 01 00 00 00 00 00 00 00 00 00
          08 00 0a 00 00 00 00 01                                 # NFTA_CHAIN_FLAGS
          08 00 06 00 00 00 00 01                                 # NFTA_CHAIN_USE
        """;

    /// <summary>A verdict map with timeouts.</summary>
    public const string Map = """
        94 00 00 00 09 0a 02 00 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWSET, 148 bytes, flags 0x2, seq 0
        01 00 00 05                                               # nfgenmsg
          06 00 01 00 6f 00 00 00                                 # NFTA_SET_TABLE 'o'
          06 00 02 00 6d 00 00 00                                 # NFTA_SET_NAME 'm'
          0c 00 10 00 00 00 00 00 00 00 00 02                     # NFTA_SET_HANDLE
          08 00 03 00 00 00 00 18                                 # NFTA_SET_FLAGS
          08 00 04 00 00 00 00 07                                 # NFTA_SET_KEY_TYPE
          08 00 05 00 00 00 00 04                                 # NFTA_SET_KEY_LEN
          08 00 06 00 ff ff ff 00                                 # NFTA_SET_DATA_TYPE
          08 00 07 00 00 00 00 10                                 # NFTA_SET_DATA_LEN
          16 00 0d 00 00 04 02 00 00 00 01 04 00 00 00 00         # NFTA_SET_USERDATA
          06 04 00 00 00 00 00 00
          04 00 09 00                                             # NFTA_SET_DESC, 4 bytes
          17 00 13 00 30 78 66 66 66 66 66 66 66 66 38 32         # NFTA_SET_TYPE '0xffffffff82507f40'
          35 30 37 66 34 30 00 00
          08 00 14 00 00 00 00 01                                 # NFTA_SET_COUNT
        """;

    /// <summary>The rule of iptables-nft.</summary>
    public const string IptablesRule = """
        10 01 00 00 06 0a 02 08 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWRULE, 272 bytes, flags 0x802, seq 0
        02 00 00 05                                               # nfgenmsg
          08 00 01 00 6e 61 74 00                                 # NFTA_RULE_TABLE 'nat'
          10 00 02 00 50 4f 53 54 52 4f 55 54 49 4e 47 00         # NFTA_RULE_CHAIN 'POSTROUTING'
          0c 00 03 00 00 00 00 00 00 00 00 02                     # NFTA_RULE_HANDLE
          d8 00 04 00                                             # NFTA_RULE_EXPRESSIONS, 216 bytes
            34 00 01 00                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 00                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 0c                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 01                           # NFTA_PAYLOAD_LEN
            2c 00 01 00                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 00                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 00                                       # NFTA_CMP_DATA, 12 bytes
                  05 00 01 00 0a 00 00 00                         # NFTA_DATA_VALUE
            2c 00 01 00                                           # NFTA_LIST_ELEM, 44 bytes
              0c 00 01 00 63 6f 75 6e 74 65 72 00                 # NFTA_EXPR_NAME 'counter'
              1c 00 02 00                                         # NFTA_EXPR_DATA, 28 bytes
                0c 00 01 00 00 00 00 00 00 00 00 00               # NFTA_COUNTER_BYTES
                0c 00 02 00 00 00 00 00 00 00 00 00               # NFTA_COUNTER_PACKETS
            48 00 01 00                                           # NFTA_LIST_ELEM, 72 bytes
              0b 00 01 00 74 61 72 67 65 74 00 00                 # NFTA_EXPR_NAME 'target'
              38 00 02 00                                         # NFTA_EXPR_DATA, 56 bytes
                0f 00 01 00 4d 41 53 51 55 45 52 41 44 45 00 00   # NFTA_TARGET_NAME 'MASQUERADE'
                08 00 02 00 00 00 00 00                           # NFTA_TARGET_REV
                1c 00 03 00 01 00 00 00 00 00 00 00 00 00 00 00   # NFTA_TARGET_INFO
                00 00 00 00 00 00 00 00 00 00 00 00
        """;

    /// <summary>
    /// The rule of <c>iptables-nft -t nat -A POSTROUTING -s 10.5.0.2 -m comment --comment 'name: "mynet" id: "c1"' -j ACCEPT</c>, the form
    /// in which the reference's bridge comments its rules.
    /// </summary>
    public const string CommentedRule = """
        24 02 00 00 06 0a 02 08 00 00 00 00 27 4f 00 00           # NFT_MSG_NEWRULE, 548 bytes, flags 0x802, seq 0
        02 00 00 02                                               # nfgenmsg
          08 00 01 00 6e 61 74 00                                 # NFTA_RULE_TABLE 'nat'
          10 00 02 00 50 4f 53 54 52 4f 55 54 49 4e 47 00         # NFTA_RULE_CHAIN 'POSTROUTING'
          0c 00 03 00 00 00 00 00 00 00 00 02                     # NFTA_RULE_HANDLE
          ec 01 04 00                                             # NFTA_RULE_EXPRESSIONS, 492 bytes
            34 00 01 00                                           # NFTA_LIST_ELEM, 52 bytes
              0c 00 01 00 70 61 79 6c 6f 61 64 00                 # NFTA_EXPR_NAME 'payload'
              24 00 02 00                                         # NFTA_EXPR_DATA, 36 bytes
                08 00 01 00 00 00 00 01                           # NFTA_PAYLOAD_DREG
                08 00 02 00 00 00 00 01                           # NFTA_PAYLOAD_BASE
                08 00 03 00 00 00 00 0c                           # NFTA_PAYLOAD_OFFSET
                08 00 04 00 00 00 00 04                           # NFTA_PAYLOAD_LEN
            2c 00 01 00                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 00                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 00                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 0a 05 00 02                         # NFTA_DATA_VALUE
            2c 01 01 00                                           # NFTA_LIST_ELEM, 300 bytes
              0a 00 01 00 6d 61 74 63 68 00 00 00                 # NFTA_EXPR_NAME 'match'
              1c 01 02 00                                         # NFTA_EXPR_DATA, 284 bytes
                0c 00 01 00 63 6f 6d 6d 65 6e 74 00               # NFTA_MATCH_NAME 'comment'
                08 00 02 00 00 00 00 00                           # NFTA_MATCH_REV
                04 01 03 00 6e 61 6d 65 3a 20 22 6d 79 6e 65 74   # NFTA_MATCH_INFO
                22 20 69 64 3a 20 22 63 31 22 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00
            2c 00 01 00                                           # NFTA_LIST_ELEM, 44 bytes
              0c 00 01 00 63 6f 75 6e 74 65 72 00                 # NFTA_EXPR_NAME 'counter'
              1c 00 02 00                                         # NFTA_EXPR_DATA, 28 bytes
                0c 00 01 00 00 00 00 00 00 00 00 00               # NFTA_COUNTER_BYTES
                0c 00 02 00 00 00 00 00 00 00 00 00               # NFTA_COUNTER_PACKETS
            30 00 01 00                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 00                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 00                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 00                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
        """;

    /// <summary>The rule with log, quota and numgen, which are not known here.</summary>
    public const string OddRule = """
        24 01 00 00 06 0a 02 08 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWRULE, 292 bytes, flags 0x802, seq 0
        01 00 00 05                                               # nfgenmsg
          06 00 01 00 6f 00 00 00                                 # NFTA_RULE_TABLE 'o'
          06 00 02 00 63 00 00 00                                 # NFTA_RULE_CHAIN 'c'
          0c 00 03 00 00 00 00 00 00 00 00 03                     # NFTA_RULE_HANDLE
          e8 00 04 00                                             # NFTA_RULE_EXPRESSIONS, 232 bytes
            20 00 01 00                                           # NFTA_LIST_ELEM, 32 bytes
              08 00 01 00 6c 6f 67 00                             # NFTA_EXPR_NAME 'log'
              14 00 02 00 06 00 02 00 78 00 00 00 08 00 05 00     # NFTA_EXPR_DATA
              00 00 00 04
            34 00 01 00                                           # NFTA_LIST_ELEM, 52 bytes
              0a 00 01 00 71 75 6f 74 61 00 00 00                 # NFTA_EXPR_NAME 'quota'
              24 00 02 00 0c 00 01 00 00 00 00 00 00 50 00 00     # NFTA_EXPR_DATA
              0c 00 04 00 00 00 00 00 00 00 00 00 08 00 02 00
              00 00 00 00
            34 00 01 00                                           # NFTA_LIST_ELEM, 52 bytes
              0b 00 01 00 6e 75 6d 67 65 6e 00 00                 # NFTA_EXPR_NAME 'numgen'
              24 00 02 00 08 00 01 00 00 00 00 01 08 00 02 00     # NFTA_EXPR_DATA
              00 00 00 02 08 00 03 00 00 00 00 01 08 00 04 00
              00 00 00 00
            2c 00 01 00                                           # NFTA_LIST_ELEM, 44 bytes
              08 00 01 00 63 6d 70 00                             # NFTA_EXPR_NAME 'cmp'
              20 00 02 00                                         # NFTA_EXPR_DATA, 32 bytes
                08 00 01 00 00 00 00 01                           # NFTA_CMP_SREG
                08 00 02 00 00 00 00 00                           # NFTA_CMP_OP
                0c 00 03 00                                       # NFTA_CMP_DATA, 12 bytes
                  08 00 01 00 00 00 00 00                         # NFTA_DATA_VALUE
            30 00 01 00                                           # NFTA_LIST_ELEM, 48 bytes
              0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00     # NFTA_EXPR_NAME 'immediate'
              1c 00 02 00                                         # NFTA_EXPR_DATA, 28 bytes
                08 00 01 00 00 00 00 00                           # NFTA_IMMEDIATE_DREG
                10 00 02 00                                       # NFTA_IMMEDIATE_DATA, 16 bytes
                  0c 00 02 00                                     # NFTA_DATA_VERDICT, 12 bytes
                    08 00 01 00 00 00 00 01                       # NFTA_VERDICT_CODE
          0a 00 07 00 00 04 6f 64 64 00 00 00                     # NFTA_RULE_USERDATA
        """;

    /// <summary>The element that expires.</summary>
    public const string Elements = """
        70 00 00 00 0c 0a 02 00 00 00 00 00 3a 4b 00 00           # NFT_MSG_NEWSETELEM, 112 bytes, flags 0x2, seq 0
        01 00 00 05                                               # nfgenmsg
          06 00 01 00 6f 00 00 00                                 # NFTA_SET_ELEM_LIST_TABLE 'o'
          06 00 02 00 6d 00 00 00                                 # NFTA_SET_ELEM_LIST_SET 'm'
          4c 00 03 00                                             # NFTA_SET_ELEM_LIST_ELEMENTS, 76 bytes
            48 00 01 00                                           # NFTA_LIST_ELEM, 72 bytes
              0c 00 01 00                                         # NFTA_SET_ELEM_KEY, 12 bytes
                08 00 01 00 0a 00 00 01                           # NFTA_DATA_VALUE
              18 00 02 00                                         # NFTA_SET_ELEM_DATA, 24 bytes
                14 00 02 00                                       # NFTA_DATA_VERDICT, 20 bytes
                  08 00 01 00 ff ff ff fd                         # NFTA_VERDICT_CODE
                  06 00 02 00 63 00 00 00                         # NFTA_VERDICT_CHAIN 'c'
              0c 00 04 00 00 00 00 00 00 36 ee 80                 # NFTA_SET_ELEM_TIMEOUT
              0c 00 05 00 00 00 00 00 00 36 ec bc                 # NFTA_SET_ELEM_EXPIRATION
              08 00 06 00 00 02 63 00                             # NFTA_SET_ELEM_USERDATA
        """;
}
