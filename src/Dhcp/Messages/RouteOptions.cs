using System.Net;
using Cni;
using Linux.Addresses;

namespace Dhcp.Messages;

/// <summary>Routes as DHCPv4 options carry them.</summary>
internal static class RouteOptions
{
    /// <summary>
    /// Option 121 (RFC 3442): per route the prefix length, as many octets of the network as it covers, the router. A router 0.0.0.0 means
    /// that the network is on the link.
    /// </summary>
    /// <returns>Null if the value is malformed, which counts as absent.</returns>
    public static List<CniRoute>? ReadClassless(ReadOnlySpan<byte> value)
    {
        List<CniRoute> routes = [];
        Span<byte> network = stackalloc byte[4];
        while (!value.IsEmpty)
        {
            int length = value[0], octets = (length + 7) / 8;
            if (length > 32 || value.Length < 1 + octets + 4)
                return null;
            network.Clear();
            value.Slice(1, octets).CopyTo(network);
            IPAddress router = new(value.Slice(1 + octets, 4));
            bool onLink = router.Equals(IPAddress.Any);
            routes.Add(new CniRoute
            {
                Destination = new IpPrefix(new IPAddress(network), length).Masked,
                Gateway = onLink ? null : router,
                Scope = onLink ? OnLinkScope : null,
            });
            value = value[(1 + octets + 4)..];
        }
        return routes;
    }

    /// <summary>Option 33: pairs of a network, whose prefix follows from its class (RFC 791, 3.2), and a router.</summary>
    public static List<CniRoute> ReadClassful(ReadOnlySpan<byte> value)
    {
        List<CniRoute> routes = [];
        for (; value.Length >= 8; value = value[8..])
        {
            int length = value[0] switch
            {
                0 => 0,
                < 128 => 8,
                < 192 => 16,
                < 224 => 24,
                _ => -1,
            };
            // RFC 2132, 5.8: the default route is no legal destination; nor are multicast and reserved networks.
            if (length > 0)
            {
                routes.Add(new CniRoute
                {
                    Destination = new IpPrefix(new IPAddress(value[..4]), length).Masked,
                    Gateway = new IPAddress(value.Slice(4, 4)),
                });
            }
        }
        return routes;
    }

    // RT_SCOPE_LINK, linux/rtnetlink.h.
    private const int OnLinkScope = 253;
}
