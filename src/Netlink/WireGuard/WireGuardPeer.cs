using System.Net;
using Linux.Addresses;

namespace Netlink.WireGuard;

/// <summary>A host behind a tunnel as the kernel describes it.</summary>
public sealed record WireGuardPeer
{
    /// <summary>WGPEER_A_PUBLIC_KEY: who it is.</summary>
    public required WireGuardKey PublicKey { get; init; }

    /// <summary>WGPEER_A_PRESHARED_KEY; null if there is none.</summary>
    public WireGuardKey? PresharedKey { get; init; }

    /// <summary>WGPEER_A_ENDPOINT: where it was last heard of, or was said to be; null if neither.</summary>
    public IPEndPoint? Endpoint { get; init; }

    /// <summary>WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL: seconds between packets that keep it reachable; 0 for none.</summary>
    public ushort PersistentKeepalive { get; init; }

    /// <summary>WGPEER_A_LAST_HANDSHAKE_TIME; null if there was none.</summary>
    public DateTimeOffset? LastHandshake { get; init; }

    /// <summary>WGPEER_A_RX_BYTES: bytes received.</summary>
    public ulong ReceivedBytes { get; init; }

    /// <summary>WGPEER_A_TX_BYTES: bytes sent.</summary>
    public ulong SentBytes { get; init; }

    /// <summary>WGPEER_A_ALLOWEDIPS: what is sent to it, and accepted from it; no two peers have the same.</summary>
    public IReadOnlyList<IpPrefix> AllowedIps { get; init; } = [];
}
