using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>
/// Tells that somebody has changed the tunnel's keys or peers: the kernel notifies of neither, so they are looked at again and again.
/// </summary>
internal sealed class WireGuardWatch
{
    /// <summary>Between two looks; half of what a person would notice.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private string? _last;

    /// <summary>Whether something is otherwise than at the last look. Of the calling thread's network namespace.</summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public bool HasChanged()
    {
        using WireGuardClient client = WireGuardClient.Open();
        string? now = client.Find(WireGuardTunnel.Name) is { } device ? Describe(device) : null;
        bool hasChanged = now != _last;
        _last = now;
        return hasChanged;
    }

    /// <summary>All that does not change by itself.</summary>
    private static string Describe(WireGuardDevice device) => string.Join(
        '\n',
        device.Peers.Select(static peer => string.Join(' ', [$"{peer.PublicKey} {peer.PresharedKey}", .. peer.AllowedIps]))
            .Prepend($"{device.PublicKey} {device.ListenPort} {device.FirewallMark}"));
}
