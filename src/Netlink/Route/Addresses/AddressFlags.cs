namespace Netlink.Route.Addresses;

/// <summary>State of an interface's address. Source: linux/if_addr.h.</summary>
[Flags]
public enum AddressFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IFA_F_SECONDARY: IPv4: a further address of a subnet; IPv6: IFA_F_TEMPORARY, a privacy address.</summary>
    Secondary = 0x01,

    /// <summary>IFA_F_NODAD: usable at once, without duplicate address detection.</summary>
    NoDad = 0x02,

    /// <summary>IFA_F_OPTIMISTIC: usable while duplicate address detection runs.</summary>
    Optimistic = 0x04,

    /// <summary>IFA_F_DADFAILED: somebody else on the link has it.</summary>
    DadFailed = 0x08,

    /// <summary>IFA_F_DEPRECATED: not to be used for new connections.</summary>
    Deprecated = 0x20,

    /// <summary>IFA_F_TENTATIVE: duplicate address detection runs.</summary>
    Tentative = 0x40,

    /// <summary>IFA_F_PERMANENT: does not expire.</summary>
    Permanent = 0x80,

    /// <summary>IFA_F_NOPREFIXROUTE: the kernel makes no route to the prefix.</summary>
    NoPrefixRoute = 0x200,
}
