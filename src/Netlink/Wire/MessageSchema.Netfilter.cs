namespace Netlink.Wire;

internal sealed partial class MessageSchema
{
    private static AttributeNames[] NftablesObjects()
    {
        AttributeNames data = new AttributeNames("NFTA_DATA_", "VALUE VERDICT")
            .With("VERDICT", new AttributeNames("NFTA_VERDICT_", "CODE CHAIN CHAIN_ID"));
        AttributeNames immediate = new("NFTA_IMMEDIATE_", "DREG DATA");
        AttributeNames bitwise = new("NFTA_BITWISE_", "SREG DREG LEN MASK XOR OP DATA");
        AttributeNames byteorder = new("NFTA_BYTEORDER_", "SREG DREG OP LEN SIZE");
        AttributeNames cmp = new("NFTA_CMP_", "SREG OP DATA");
        AttributeNames lookup = new("NFTA_LOOKUP_", "SET SREG DREG SET_ID FLAGS");
        AttributeNames dynset = new("NFTA_DYNSET_", "SET_NAME SET_ID OP SREG_KEY SREG_DATA TIMEOUT EXPR PAD FLAGS EXPRESSIONS");
        AttributeNames payload = new("NFTA_PAYLOAD_", "DREG BASE OFFSET LEN SREG CSUM_TYPE CSUM_OFFSET CSUM_FLAGS");
        AttributeNames meta = new("NFTA_META_", "DREG KEY SREG");
        AttributeNames ct = new("NFTA_CT_", "DREG KEY DIRECTION SREG");
        AttributeNames limit = new("NFTA_LIMIT_", "RATE UNIT BURST TYPE FLAGS PAD");
        AttributeNames counter = new("NFTA_COUNTER_", "BYTES PACKETS PAD");
        AttributeNames log = new("NFTA_LOG_", "GROUP PREFIX SNAPLEN QTHRESHOLD LEVEL FLAGS");
        AttributeNames reject = new("NFTA_REJECT_", "TYPE ICMP_CODE");
        AttributeNames nat = new("NFTA_NAT_", "TYPE FAMILY REG_ADDR_MIN REG_ADDR_MAX REG_PROTO_MIN REG_PROTO_MAX FLAGS");
        AttributeNames masq = new("NFTA_MASQ_", "FLAGS REG_PROTO_MIN REG_PROTO_MAX");
        AttributeNames redir = new("NFTA_REDIR_", "REG_PROTO_MIN REG_PROTO_MAX FLAGS");
        AttributeNames fib = new("NFTA_FIB_", "DREG RESULT FLAGS");
        AttributeNames rt = new("NFTA_RT_", "DREG KEY");
        AttributeNames exthdr = new("NFTA_EXTHDR_", "DREG TYPE OFFSET LEN FLAGS OP SREG");
        AttributeNames range = new("NFTA_RANGE_", "SREG OP FROM_DATA TO_DATA");
        AttributeNames objref = new("NFTA_OBJREF_", "IMM_TYPE IMM_NAME SET_SREG SET_NAME SET_ID");
        _ = immediate.With("DATA", data);
        _ = cmp.With("DATA", data);
        _ = bitwise.With("MASK", data).With("XOR", data);
        AttributeNames expression = new AttributeNames("NFTA_EXPR_", "NAME DATA").WithByText(
            "DATA",
            "NAME",
            ("immediate", immediate),
            ("bitwise", bitwise),
            ("byteorder", byteorder),
            ("cmp", cmp),
            ("lookup", lookup),
            ("dynset", dynset),
            ("payload", payload),
            ("meta", meta),
            ("ct", ct),
            ("limit", limit),
            ("counter", counter),
            ("log", log),
            ("reject", reject),
            ("nat", nat),
            ("masq", masq),
            ("redir", redir),
            ("fib", fib),
            ("rt", rt),
            ("exthdr", exthdr),
            ("range", range),
            ("objref", objref));
        AttributeNames hook = new AttributeNames("NFTA_HOOK_", "HOOKNUM PRIORITY DEV DEVS")
            .With("DEVS", new AttributeNames("NFTA_DEVICE_", "NAME"));
        AttributeNames table = new("NFTA_TABLE_", "NAME FLAGS USE HANDLE PAD USERDATA OWNER");
        AttributeNames chain = new("NFTA_CHAIN_", "TABLE HANDLE NAME HOOK POLICY USE TYPE COUNTERS PAD FLAGS ID USERDATA");
        AttributeNames rule = new("NFTA_RULE_", "TABLE CHAIN HANDLE EXPRESSIONS COMPAT POSITION USERDATA PAD ID POSITION_ID CHAIN_ID");
        AttributeNames set = new(
            "NFTA_SET_",
            "TABLE NAME FLAGS KEY_TYPE KEY_LEN DATA_TYPE DATA_LEN POLICY DESC ID TIMEOUT GC_INTERVAL USERDATA PAD OBJ_TYPE HANDLE "
            + "EXPR EXPRESSIONS");
        AttributeNames element = new("NFTA_SET_ELEM_", "KEY DATA FLAGS TIMEOUT EXPIRATION USERDATA EXPR PAD OBJREF KEY_END EXPRESSIONS");
        AttributeNames elements = new("NFTA_SET_ELEM_LIST_", "TABLE SET ELEMENTS SET_ID");
        AttributeNames generation = new("NFTA_GEN_", "ID PROC_PID PROC_NAME");
        _ = chain.With("HOOK", hook);
        _ = rule.With("EXPRESSIONS", new AttributeNames("NFTA_LIST_", "ELEM").With("ELEM", expression));
        AttributeNames description = new AttributeNames("NFTA_SET_DESC_", "SIZE CONCAT").With(
            "CONCAT", new AttributeNames("NFTA_LIST_", "ELEM").With("ELEM", new AttributeNames("NFTA_SET_FIELD_", "LEN")));
        _ = set.With("DESC", description);
        _ = element.With("KEY", data).With("DATA", data).With("KEY_END", data);
        _ = elements.With("ELEMENTS", new AttributeNames("NFTA_LIST_", "ELEM").With("ELEM", element));
        return [table, chain, rule, set, elements, generation];
    }

    private static AttributeNames Connections()
    {
        AttributeNames addresses = new("CTA_IP_", "V4_SRC V4_DST V6_SRC V6_DST");
        AttributeNames protocol = new("CTA_PROTO_", "NUM SRC_PORT DST_PORT ICMP_ID ICMP_TYPE ICMP_CODE ICMPV6_ID ICMPV6_TYPE ICMPV6_CODE");
        AttributeNames tuple = new("CTA_TUPLE_", "IP PROTO ZONE");
        AttributeNames filter = new("CTA_FILTER_", "ORIG_FLAGS REPLY_FLAGS");
        AttributeNames connection = new(
            "CTA_",
            "TUPLE_ORIG TUPLE_REPLY STATUS PROTOINFO HELP NAT_SRC TIMEOUT MARK COUNTERS_ORIG COUNTERS_REPLY USE ID NAT_DST "
            + "TUPLE_MASTER SEQ_ADJ_ORIG SEQ_ADJ_REPLY SECMARK ZONE SECCTX TIMESTAMP MARK_MASK LABELS LABELS_MASK SYNPROXY FILTER "
            + "STATUS_MASK");
        _ = tuple.With("IP", addresses).With("PROTO", protocol);
        return connection.With("TUPLE_ORIG", tuple).With("TUPLE_REPLY", tuple).With("TUPLE_MASTER", tuple).With("FILTER", filter);
    }
}
