namespace Netlink.Nftables;

/// <summary>Where a base chain sees packets (NF_INET_*, linux/netfilter.h; NF_BR_* of the bridge family are the same numbers).</summary>
public enum NftHook : uint
{
    /// <summary>NF_INET_PRE_ROUTING.</summary>
    Prerouting = 0,

    /// <summary>NF_INET_LOCAL_IN.</summary>
    Input = 1,

    /// <summary>NF_INET_FORWARD.</summary>
    Forward = 2,

    /// <summary>NF_INET_LOCAL_OUT.</summary>
    Output = 3,

    /// <summary>NF_INET_POST_ROUTING.</summary>
    Postrouting = 4,

    /// <summary>NF_INET_INGRESS, on devices; only in the inet family.</summary>
    Ingress = 5,
}

/// <summary>What becomes of a packet that reaches the end of a base chain (NF_*, linux/netfilter.h).</summary>
public enum NftPolicy : uint
{
    /// <summary>NF_DROP.</summary>
    Drop = 0,

    /// <summary>NF_ACCEPT.</summary>
    Accept = 1,
}

/// <summary>Priorities that nft knows by name (NF_IP_PRI_*, linux/netfilter_ipv4.h); lower runs earlier.</summary>
public static class NftPriority
{
    /// <summary>NF_IP_PRI_RAW: nft's raw, before conntrack.</summary>
    public const int Raw = -300;

    /// <summary>NF_IP_PRI_MANGLE: nft's mangle.</summary>
    public const int Mangle = -150;

    /// <summary>NF_IP_PRI_NAT_DST: nft's dstnat, destination addresses are rewritten.</summary>
    public const int DestinationNat = -100;

    /// <summary>NF_IP_PRI_FILTER: nft's filter.</summary>
    public const int Filter = 0;

    /// <summary>NF_IP_PRI_SECURITY: nft's security.</summary>
    public const int Security = 50;

    /// <summary>NF_IP_PRI_NAT_SRC: nft's srcnat, source addresses are rewritten.</summary>
    public const int SourceNat = 100;

    /// <summary>NF_BR_PRI_FILTER_BRIDGED: nft's filter in the bridge family.</summary>
    public const int BridgeFilter = -200;
}
