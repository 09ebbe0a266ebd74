namespace Netlink.Route.Links;

/// <summary>How an interface gets its IPv6 link-local address. Source: linux/if_link.h.</summary>
public enum AddressGenerationMode : byte
{
    /// <summary>IN6_ADDR_GEN_MODE_EUI64: from the MAC address.</summary>
    Eui64 = 0,

    /// <summary>IN6_ADDR_GEN_MODE_NONE: not at all.</summary>
    None = 1,

    /// <summary>IN6_ADDR_GEN_MODE_STABLE_PRIVACY: from a secret (RFC 7217).</summary>
    StablePrivacy = 2,

    /// <summary>IN6_ADDR_GEN_MODE_RANDOM: from a secret that the kernel makes up.</summary>
    Random = 3,
}
