namespace Netlink.Netfilter;

/// <summary>Status bits of a connection (enum ip_conntrack_status, linux/netfilter/nf_conntrack_common.h).</summary>
[Flags]
public enum CtStatus : uint
{
    /// <summary>IPS_SRC_NAT.</summary>
    SourceNat = 0x10,

    /// <summary>IPS_DST_NAT.</summary>
    DestinationNat = 0x20,
}
