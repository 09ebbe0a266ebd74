namespace Netlink.WireGuard;

/// <summary>A WireGuard tunnel as the kernel describes it. It holds keys: keep it out of logs.</summary>
public sealed record WireGuardDevice
{
    /// <summary>WGDEVICE_A_IFINDEX.</summary>
    public int Index { get; init; }

    /// <summary>WGDEVICE_A_IFNAME.</summary>
    public string Name { get; init; } = "";

    /// <summary>WGDEVICE_A_PRIVATE_KEY; null if it has none.</summary>
    public WireGuardKey? PrivateKey { get; init; }

    /// <summary>WGDEVICE_A_PUBLIC_KEY, which the kernel computes; null if it has no private key.</summary>
    public WireGuardKey? PublicKey { get; init; }

    /// <summary>WGDEVICE_A_LISTEN_PORT: the UDP port; 0 if none was set and it was never up.</summary>
    public ushort ListenPort { get; init; }

    /// <summary>WGDEVICE_A_FWMARK: the mark of the packets that it sends; 0 for none.</summary>
    public uint FirewallMark { get; init; }

    /// <summary>WGDEVICE_A_PEERS.</summary>
    public IReadOnlyList<WireGuardPeer> Peers { get; init; } = [];
}
