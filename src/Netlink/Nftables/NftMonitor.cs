using Linux;

namespace Netlink.Nftables;

/// <summary>
/// Waits until the nftables ruleset of a network namespace changes, without polling. It listens from the moment it is opened: whoever looks
/// at the ruleset after that and waits then misses nothing. A notification is only a reason to look again.
/// </summary>
public sealed class NftMonitor : IDisposable
{
    private const int NFNLGRP_NFTABLES = 7; // enum nfnetlink_groups, linux/netfilter/nfnetlink.h

    private readonly NetlinkSocket _notifications;

    private NftMonitor(NetlinkSocket notifications) => _notifications = notifications;

    /// <summary>Starts listening in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">
    /// The kernel has no nfnetlink (EPROTONOSUPPORT), or the caller lacks CAP_NET_ADMIN (EPERM).
    /// </exception>
    public static NftMonitor Open()
    {
        NetlinkSocket notifications = NetlinkSocket.Open(NetlinkProtocol.Netfilter);
        try
        {
            notifications.Join(NFNLGRP_NFTABLES);
            return new NftMonitor(notifications);
        }
        catch
        {
            notifications.Dispose();
            throw;
        }
    }

    /// <summary>Waits until something has changed since the last notification.</summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False if nothing did within <paramref name="timeout"/>.</returns>
    /// <exception cref="LinuxException">The socket failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool WaitForChange(TimeSpan timeout, CancellationToken cancellation = default) =>
        _notifications.WaitForNotification(timeout, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _notifications.Dispose();
}
