using System.Net;
using Linux.Addresses;

namespace Netlink.Route;

/// <summary>Families of messages, beside those of <see cref="IpFamily"/>. Source: bits/socket.h.</summary>
internal static class MessageFamily
{
    /// <summary>AF_UNSPEC.</summary>
    public const byte Unspecified = 0;

    /// <summary>AF_BRIDGE.</summary>
    public const byte Bridge = 7;

    public static IpFamily Of(IPAddress address) => address.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>Whether an answer is what was asked for: a kernel without IPv6 dumps all families instead.</summary>
    public static bool Allows(this IpFamily? wanted, IpFamily family) => wanted is null || wanted == family;
}
