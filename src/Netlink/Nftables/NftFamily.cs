namespace Netlink.Nftables;

/// <summary>Which packets a table sees (NFPROTO_*, linux/netfilter.h).</summary>
public enum NftFamily : byte
{
    /// <summary>NFPROTO_INET: IPv4 and IPv6.</summary>
    Inet = 1,

    /// <summary>NFPROTO_IPV4.</summary>
    Ip = 2,

    /// <summary>NFPROTO_ARP.</summary>
    Arp = 3,

    /// <summary>NFPROTO_NETDEV: one device, before everything else.</summary>
    Netdev = 5,

    /// <summary>NFPROTO_BRIDGE: frames between the ports of a bridge.</summary>
    Bridge = 7,

    /// <summary>NFPROTO_IPV6.</summary>
    Ip6 = 10,
}

internal static class NftFamilyNames
{
    extension(NftFamily family)
    {
        /// <summary>As nft says it: <c>ip6</c>.</summary>
        public string Word => family switch
        {
            NftFamily.Inet => "inet",
            NftFamily.Ip => "ip",
            NftFamily.Arp => "arp",
            NftFamily.Netdev => "netdev",
            NftFamily.Bridge => "bridge",
            NftFamily.Ip6 => "ip6",
            _ => $"family {(byte)family}",
        };
    }
}
