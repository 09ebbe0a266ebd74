namespace Netlink.Nftables;

/// <summary>Requests of nfnetlink's nftables subsystem (enum nf_tables_msg_types, linux/netfilter/nf_tables.h).</summary>
internal enum NftVerb : byte
{
    /// <summary>NFT_MSG_NEWTABLE.</summary>
    NewTable = 0,

    /// <summary>NFT_MSG_GETTABLE.</summary>
    GetTable = 1,

    /// <summary>NFT_MSG_DELTABLE.</summary>
    DeleteTable = 2,

    /// <summary>NFT_MSG_NEWCHAIN.</summary>
    NewChain = 3,

    /// <summary>NFT_MSG_GETCHAIN.</summary>
    GetChain = 4,

    /// <summary>NFT_MSG_DELCHAIN.</summary>
    DeleteChain = 5,

    /// <summary>NFT_MSG_NEWRULE.</summary>
    NewRule = 6,

    /// <summary>NFT_MSG_GETRULE.</summary>
    GetRule = 7,

    /// <summary>NFT_MSG_DELRULE.</summary>
    DeleteRule = 8,

    /// <summary>NFT_MSG_NEWSET.</summary>
    NewSet = 9,

    /// <summary>NFT_MSG_GETSET.</summary>
    GetSet = 10,

    /// <summary>NFT_MSG_DELSET.</summary>
    DeleteSet = 11,

    /// <summary>NFT_MSG_NEWSETELEM.</summary>
    NewElement = 12,

    /// <summary>NFT_MSG_GETSETELEM.</summary>
    GetElement = 13,

    /// <summary>NFT_MSG_DELSETELEM.</summary>
    DeleteElement = 14,

    /// <summary>NFT_MSG_NEWGEN.</summary>
    NewGeneration = 15,

    /// <summary>NFT_MSG_GETGEN.</summary>
    GetGeneration = 16,
}
