using Linux.Addresses;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>An address family in the terms of nftables.</summary>
public static class RulesetFamily
{
    extension(IpFamily family)
    {
        /// <summary>The family of tables that only its packets come to.</summary>
        public NftFamily NftFamily => family.IsIPv6 ? NftFamily.Ip6 : NftFamily.Ip;

        /// <summary>The type of its addresses in sets and maps.</summary>
        public NftDataType AddressType => family.IsIPv6 ? NftDataType.IPv6Address : NftDataType.IPv4Address;
    }
}
