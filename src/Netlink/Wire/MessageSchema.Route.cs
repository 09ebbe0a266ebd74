namespace Netlink.Wire;

/// <summary>What rtnetlink and nfnetlink call their messages and attributes, those that the kernel's headers 6.1 have.</summary>
internal sealed partial class MessageSchema
{
    private static Dictionary<int, (string Object, int HeaderSize, AttributeNames Attributes)> RouteObjects()
    {
        AttributeNames bridge = new(
            "IFLA_BR_",
            "FORWARD_DELAY HELLO_TIME MAX_AGE AGEING_TIME STP_STATE PRIORITY VLAN_FILTERING VLAN_PROTOCOL GROUP_FWD_MASK ROOT_ID "
            + "BRIDGE_ID ROOT_PORT ROOT_PATH_COST TOPOLOGY_CHANGE TOPOLOGY_CHANGE_DETECTED HELLO_TIMER TCN_TIMER "
            + "TOPOLOGY_CHANGE_TIMER GC_TIMER GROUP_ADDR FDB_FLUSH MCAST_ROUTER MCAST_SNOOPING MCAST_QUERY_USE_IFADDR MCAST_QUERIER "
            + "MCAST_HASH_ELASTICITY MCAST_HASH_MAX MCAST_LAST_MEMBER_CNT MCAST_STARTUP_QUERY_CNT MCAST_LAST_MEMBER_INTVL "
            + "MCAST_MEMBERSHIP_INTVL MCAST_QUERIER_INTVL MCAST_QUERY_INTVL MCAST_QUERY_RESPONSE_INTVL MCAST_STARTUP_QUERY_INTVL "
            + "NF_CALL_IPTABLES NF_CALL_IP6TABLES NF_CALL_ARPTABLES VLAN_DEFAULT_PVID PAD VLAN_STATS_ENABLED MCAST_STATS_ENABLED "
            + "MCAST_IGMP_VERSION MCAST_MLD_VERSION VLAN_STATS_PER_PORT MULTI_BOOLOPT MCAST_QUERIER_STATE");
        AttributeNames port = new(
            "IFLA_BRPORT_",
            "STATE PRIORITY COST MODE GUARD PROTECT FAST_LEAVE LEARNING UNICAST_FLOOD PROXYARP LEARNING_SYNC PROXYARP_WIFI ROOT_ID "
            + "BRIDGE_ID DESIGNATED_PORT DESIGNATED_COST ID NO TOPOLOGY_CHANGE_ACK CONFIG_PENDING MESSAGE_AGE_TIMER "
            + "FORWARD_DELAY_TIMER HOLD_TIMER FLUSH MULTICAST_ROUTER PAD MCAST_FLOOD MCAST_TO_UCAST VLAN_TUNNEL BCAST_FLOOD "
            + "GROUP_FWD_MASK NEIGH_SUPPRESS ISOLATED BACKUP_PORT MRP_RING_OPEN MRP_IN_OPEN MCAST_EHT_HOSTS_LIMIT MCAST_EHT_HOSTS_CNT "
            + "LOCKED");
        AttributeNames vlan = new("IFLA_VLAN_", "ID FLAGS EGRESS_QOS INGRESS_QOS PROTOCOL");
        AttributeNames macvlan = new(
            "IFLA_MACVLAN_", "MODE FLAGS MACADDR_MODE MACADDR MACADDR_DATA MACADDR_COUNT BC_QUEUE_LEN BC_QUEUE_LEN_USED");
        AttributeNames ipvlan = new("IFLA_IPVLAN_", "MODE FLAGS");
        AttributeNames vrf = new("IFLA_VRF_", "TABLE");
        AttributeNames vxlan = new(
            "IFLA_VXLAN_",
            "ID GROUP LINK LOCAL TTL TOS LEARNING AGEING LIMIT PORT_RANGE PROXY RSC L2MISS L3MISS PORT GROUP6 LOCAL6 UDP_CSUM "
            + "UDP_ZERO_CSUM6_TX UDP_ZERO_CSUM6_RX REMCSUM_TX REMCSUM_RX GBP REMCSUM_NOPARTIAL COLLECT_METADATA LABEL GPE TTL_INHERIT "
            + "DF VNIFILTER");
        AttributeNames geneve = new(
            "IFLA_GENEVE_",
            "ID REMOTE TTL TOS PORT COLLECT_METADATA REMOTE6 UDP_CSUM UDP_ZERO_CSUM6_TX UDP_ZERO_CSUM6_RX LABEL TTL_INHERIT DF "
            + "INNER_PROTO_INHERIT");
        AttributeNames tun = new("IFLA_TUN_", "OWNER GROUP TYPE PI VNET_HDR PERSIST MULTI_QUEUE NUM_QUEUES NUM_DISABLED_QUEUES");
        AttributeNames inet6 = new("IFLA_INET6_", "FLAGS CONF STATS MCAST CACHEINFO ICMP6STATS TOKEN ADDR_GEN_MODE RA_MTU");
        AttributeNames link = new(
            "IFLA_",
            "ADDRESS BROADCAST IFNAME MTU LINK QDISC STATS COST PRIORITY MASTER WIRELESS PROTINFO TXQLEN MAP WEIGHT OPERSTATE "
            + "LINKMODE LINKINFO NET_NS_PID IFALIAS NUM_VF VFINFO_LIST STATS64 VF_PORTS PORT_SELF AF_SPEC GROUP NET_NS_FD EXT_MASK "
            + "PROMISCUITY NUM_TX_QUEUES NUM_RX_QUEUES CARRIER PHYS_PORT_ID CARRIER_CHANGES PHYS_SWITCH_ID LINK_NETNSID "
            + "PHYS_PORT_NAME PROTO_DOWN GSO_MAX_SEGS GSO_MAX_SIZE PAD XDP EVENT NEW_NETNSID IF_NETNSID CARRIER_UP_COUNT "
            + "CARRIER_DOWN_COUNT NEW_IFINDEX MIN_MTU MAX_MTU PROP_LIST ALT_IFNAME PERM_ADDRESS PROTO_DOWN_REASON PARENT_DEV_NAME "
            + "PARENT_DEV_BUS_NAME GRO_MAX_SIZE TSO_MAX_SIZE TSO_MAX_SEGS ALLMULTI");
        AttributeNames address = new(
            "IFA_", "ADDRESS LOCAL LABEL BROADCAST ANYCAST CACHEINFO MULTICAST FLAGS RT_PRIORITY TARGET_NETNSID PROTO");
        AttributeNames route = new(
            "RTA_",
            "DST SRC IIF OIF GATEWAY PRIORITY PREFSRC METRICS MULTIPATH PROTOINFO FLOW CACHEINFO SESSION MP_ALGO TABLE MARK "
            + "MFC_STATS VIA NEWDST PREF ENCAP_TYPE ENCAP EXPIRES PAD UID TTL_PROPAGATE IP_PROTO SPORT DPORT NH_ID");
        AttributeNames neighbour = new(
            "NDA_",
            "DST LLADDR CACHEINFO PROBES VLAN PORT VNI IFINDEX MASTER LINK_NETNSID SRC_VNI PROTOCOL NH_ID FDB_EXT_ATTRS FLAGS_EXT "
            + "NDM_STATE_MASK NDM_FLAGS_MASK");
        AttributeNames rule = new(
            "FRA_",
            "DST SRC IIFNAME GOTO UNUSED2 PRIORITY UNUSED3 UNUSED4 UNUSED5 FWMARK FLOW TUN_ID SUPPRESS_IFGROUP SUPPRESS_PREFIXLEN "
            + "TABLE FWMASK OIFNAME PAD L3MDEV UID_RANGE PROTOCOL IP_PROTO SPORT_RANGE DPORT_RANGE");
        AttributeNames traffic = new(
            "TCA_",
            "KIND OPTIONS STATS XSTATS RATE FCNT STATS2 STAB PAD DUMP_INVISIBLE CHAIN HW_OFFLOAD INGRESS_BLOCK EGRESS_BLOCK "
            + "DUMP_FLAGS EXT_WARN_MSG");
        AttributeNames tbf = new("TCA_TBF_", "PARMS RTAB PTAB RATE64 PRATE64 BURST PBURST PAD");
        AttributeNames u32 = new("TCA_U32_", "CLASSID HASH LINK DIVISOR SEL POLICE ACT INDEV PCNT MARK FLAGS PAD");
        AttributeNames veth = new("VETH_INFO_", "PEER");
        AttributeNames metrics = new(
            "RTAX_",
            "LOCK MTU WINDOW RTT RTTVAR SSTHRESH CWND ADVMSS REORDERING HOPLIMIT INITCWND FEATURES RTO_MIN INITRWND QUICKACK "
            + "CC_ALGO FASTOPEN_NO_COOKIE");
        AttributeNames information = new AttributeNames("IFLA_INFO_", "KIND DATA XSTATS SLAVE_KIND SLAVE_DATA")
            .WithByText(
                "DATA",
                "KIND",
                ("bridge", bridge),
                ("vlan", vlan),
                ("macvlan", macvlan),
                ("ipvlan", ipvlan),
                ("vrf", vrf),
                ("vxlan", vxlan),
                ("geneve", geneve),
                ("tun", tun),
                ("veth", veth));
        // Of masters only bridges tell anything that is known here.
        information.With("SLAVE_DATA", port);
        _ = veth.With("PEER", link, header: 16);
        _ = link.With("LINKINFO", information)
            .With("AF_SPEC", new AttributeNames("AF_", "- INET - - - - BRIDGE - - INET6").With("INET6", inet6))
            .With("PROP_LIST", link);
        _ = route.With("METRICS", metrics);
        _ = traffic.WithByText("OPTIONS", "KIND", ("tbf", tbf), ("u32", u32));
        // By the number of RTM_NEW… divided by four, linux/rtnetlink.h.
        return new Dictionary<int, (string, int, AttributeNames)>
        {
            [4] = ("LINK", 16, link),
            [5] = ("ADDR", 8, address),
            [6] = ("ROUTE", 12, route),
            [7] = ("NEIGH", 12, neighbour),
            [8] = ("RULE", 12, rule),
            [9] = ("QDISC", 20, traffic),
            [10] = ("TCLASS", 20, traffic),
            [11] = ("TFILTER", 20, traffic),
            [27] = ("LINKPROP", 16, link),
        };
    }
}
