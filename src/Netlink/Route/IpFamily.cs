using System.Net;
using Linux;

namespace Netlink.Route;

/// <summary>Which internet protocol an object belongs to. Source: bits/socket.h.</summary>
public enum IpFamily : byte
{
    /// <summary>AF_INET.</summary>
    IPv4 = 2,

    /// <summary>AF_INET6.</summary>
    IPv6 = 10,
}

/// <summary>Families of messages that are not about one internet protocol. Source: bits/socket.h.</summary>
internal static class OtherFamily
{
    /// <summary>AF_UNSPEC.</summary>
    public const byte Unspecified = 0;

    /// <summary>AF_BRIDGE.</summary>
    public const byte Bridge = 7;

    public static IpFamily FamilyOf(IPAddress address) => address.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;
}
