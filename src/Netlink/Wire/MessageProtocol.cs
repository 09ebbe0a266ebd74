namespace Netlink.Wire;

/// <summary>Whose messages a <see cref="MessageSchema"/> names; the numbers are those of <c>NetlinkProtocol</c>.</summary>
internal enum MessageProtocol
{
    /// <summary>NETLINK_ROUTE.</summary>
    Route = 0,

    /// <summary>NETLINK_NETFILTER.</summary>
    Netfilter = 12,

    /// <summary>NETLINK_GENERIC.</summary>
    Generic = 16,
}
