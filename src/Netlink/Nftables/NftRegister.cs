namespace Netlink.Nftables;

/// <summary>
/// Where expressions leave their results for others (enum nft_registers, linux/netfilter/nf_tables.h): 64 bytes, spoken of as four
/// registers of 16 bytes or sixteen words of 4, over the same memory.
/// </summary>
public enum NftRegister : uint
{
    /// <summary>NFT_REG_VERDICT: what becomes of the packet.</summary>
    Verdict = 0,

    /// <summary>NFT_REG_1: bytes 0 to 15.</summary>
    First = 1,

    /// <summary>NFT_REG_2: bytes 16 to 31.</summary>
    Second = 2,

    /// <summary>NFT_REG_3: bytes 32 to 47.</summary>
    Third = 3,

    /// <summary>NFT_REG_4: bytes 48 to 63.</summary>
    Fourth = 4,
}

/// <summary>The words of the register file.</summary>
public static class NftRegisters
{
    private const int NFT_REG32_00 = 8;
    private const int WordsPerRegister = 4;

    /// <summary>
    /// The register that begins at a word (0 to 15), by the name that nft and the kernel give it: the wide register where one
    /// begins, else the word itself.
    /// </summary>
    public static NftRegister AtWord(int word) => word % WordsPerRegister == 0
        ? (NftRegister)(1 + (word / WordsPerRegister))
        : (NftRegister)(NFT_REG32_00 + word);
}
