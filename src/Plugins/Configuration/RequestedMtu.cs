using Cni;

namespace Plugins.Configuration;

/// <summary>The key <c>mtu</c> of the plugins that make or change an Ethernet device.</summary>
internal static class RequestedMtu
{
    // The kernel's limit for Ethernet devices (ETH_MAX_MTU, linux/if_ether.h) and the least that IPv4 can live with (RFC 791).
    private const int Min = 68;
    private const int Max = 65535;

    // Below it the kernel takes IPv6 from an interface without a word (IPV6_MIN_MTU, linux/ipv6.h; RFC 8200).
    private const int MinIPv6 = 1280;

    /// <summary>Bytes; null for 0, which leaves it to the kernel.</summary>
    /// <exception cref="CniException">It is outside of what the kernel takes.</exception>
    public static int? Check(int mtu) => mtu switch
    {
        0 => null,
        >= Min and <= Max => mtu,
        _ => throw CniException.InvalidConfig($"mtu is {mtu}; use {Min} to {Max}, or 0 for the default"),
    };

    /// <summary>Refuses IPv6 addresses on an interface that is too narrow for them.</summary>
    /// <param name="mtu">The interface's, in bytes.</param>
    /// <param name="ifName">Its name.</param>
    /// <param name="ips">Its addresses.</param>
    /// <exception cref="CniException">It is.</exception>
    public static void RequireFor(int mtu, string ifName, IEnumerable<CniIp> ips)
    {
        if (mtu < MinIPv6 && ips.FirstOrDefault(static ip => ip.Address.IsIPv6) is { } first)
        {
            throw CniException.InvalidConfig(
                $"mtu is {mtu} for {ifName}, which has the address {first.Address}: IPv6 needs at least {MinIPv6}; use that, or no IPv6 "
                + "address");
        }
    }
}
