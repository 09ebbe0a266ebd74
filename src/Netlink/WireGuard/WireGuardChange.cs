using System.Net;
using Linux.Addresses;

namespace Netlink.WireGuard;

/// <summary>What is to change of a tunnel. What is null stays.</summary>
public sealed record WireGuardChange
{
    /// <summary>WGDEVICE_A_PRIVATE_KEY; none (all zeros) removes it.</summary>
    public WireGuardKey? PrivateKey { get; init; }

    /// <summary>WGDEVICE_A_LISTEN_PORT; 0 lets the kernel choose.</summary>
    public ushort? ListenPort { get; init; }

    /// <summary>WGDEVICE_A_FWMARK; 0 removes it.</summary>
    public uint? FirewallMark { get; init; }

    /// <summary>WGDEVICE_F_REPLACE_PEERS: peers that are not named go.</summary>
    public bool ReplacePeers { get; init; }

    /// <summary>WGDEVICE_A_PEERS: those that are to be added, changed or removed.</summary>
    public IReadOnlyList<WireGuardPeerChange> Peers { get; init; } = [];
}

/// <summary>What is to change of a peer. What is null stays.</summary>
public sealed record WireGuardPeerChange
{
    /// <summary>WGPEER_A_PUBLIC_KEY: which peer; one that is not there is added.</summary>
    public required WireGuardKey PublicKey { get; init; }

    /// <summary>WGPEER_F_REMOVE_ME: it goes; all else is ignored.</summary>
    public bool Remove { get; init; }

    /// <summary>WGPEER_F_UPDATE_ONLY: one that is not there is not added.</summary>
    public bool UpdateOnly { get; init; }

    /// <summary>WGPEER_F_REPLACE_ALLOWEDIPS: those that are not named go.</summary>
    public bool ReplaceAllowedIps { get; init; }

    /// <summary>WGPEER_A_PRESHARED_KEY; none (all zeros) removes it.</summary>
    public WireGuardKey? PresharedKey { get; init; }

    /// <summary>WGPEER_A_ENDPOINT.</summary>
    public IPEndPoint? Endpoint { get; init; }

    /// <summary>WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, seconds; 0 switches it off.</summary>
    public ushort? PersistentKeepalive { get; init; }

    /// <summary>WGPEER_A_ALLOWEDIPS: prefixes without host bits. One that another peer has moves to this one.</summary>
    public IReadOnlyList<IpPrefix> AllowedIps { get; init; } = [];
}
