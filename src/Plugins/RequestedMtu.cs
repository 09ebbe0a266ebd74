using Cni;

namespace Plugins;

/// <summary>The key <c>mtu</c> of the plugins that make an Ethernet device.</summary>
internal static class RequestedMtu
{
    // The kernel's limit for Ethernet devices (ETH_MAX_MTU, linux/if_ether.h) and the least that IPv4 can live with (RFC 791).
    private const int Min = 68;
    private const int Max = 65535;

    /// <summary>Bytes; null for 0, which leaves it to the kernel.</summary>
    /// <exception cref="CniException">It is outside of what the kernel takes.</exception>
    public static int? Check(int mtu) => mtu switch
    {
        0 => null,
        >= Min and <= Max => mtu,
        _ => throw new CniException(CniErrorCode.InvalidNetworkConfig, $"mtu is {mtu}; use {Min} to {Max}, or 0 for the default"),
    };
}
