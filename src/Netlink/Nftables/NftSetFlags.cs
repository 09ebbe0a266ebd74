namespace Netlink.Nftables;

/// <summary>What a set may hold (enum nft_set_flags, linux/netfilter/nf_tables.h).</summary>
[Flags]
public enum NftSetFlags : uint
{
    /// <summary>Single keys that come and go.</summary>
    None = 0,

    /// <summary>NFT_SET_ANONYMOUS: part of one rule.</summary>
    Anonymous = 0x1,

    /// <summary>NFT_SET_CONSTANT: never changes once a rule uses it.</summary>
    Constant = 0x2,

    /// <summary>NFT_SET_INTERVAL: keys are ranges.</summary>
    Interval = 0x4,

    /// <summary>NFT_SET_MAP.</summary>
    Map = 0x8,

    /// <summary>NFT_SET_TIMEOUT: elements expire.</summary>
    Timeout = 0x10,

    /// <summary>NFT_SET_EVAL: rules add elements.</summary>
    Dynamic = 0x20,

    /// <summary>NFT_SET_OBJECT: maps keys to named objects.</summary>
    Object = 0x40,

    /// <summary>NFT_SET_CONCAT: ranges of several parts.</summary>
    Concatenated = 0x80,

    /// <summary>NFT_SET_EXPR: elements carry expressions such as counters.</summary>
    Expressions = 0x100,
}
