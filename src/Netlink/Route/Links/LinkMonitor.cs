using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route.Addresses;

namespace Netlink.Route.Links;

/// <summary>
/// Waits until an interface or its addresses are ready, without polling. It listens from the moment it is opened and looks at the
/// state before it waits, so nothing slips through between the two. A notification is only a reason to look again.
/// </summary>
public sealed class LinkMonitor : IDisposable
{
    private readonly RouteClient _client;
    private readonly NetlinkSocket _notifications;

    private LinkMonitor(RouteClient client, NetlinkSocket notifications) => (_client, _notifications) = (client, notifications);

    /// <summary>Starts listening in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel is older than 4.20.</exception>
    public static LinkMonitor Open()
    {
        NetlinkSocket notifications = NetlinkSocket.Open(NetlinkProtocol.Route);
        notifications.Join(NotificationGroup.Link);
        notifications.Join(NotificationGroup.IPv6Address);
        return new LinkMonitor(RouteClient.Open(), notifications);
    }

    /// <summary>Starts listening in a network namespace.</summary>
    /// <inheritdoc cref="Open()"/>
    public static LinkMonitor Open(NetworkNamespace networkNamespace) => networkNamespace.Run(Open);

    /// <summary>Waits until an interface is as wanted.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="isAwaited">Looks at it; never called for an interface that is gone.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>False if it was not in time, or is gone.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool WaitForLink(int index, Func<Link, bool> isAwaited, TimeSpan timeout)
    {
        bool gone = false;
        bool ready = WaitUntil(
            () =>
            {
                Link? link = _client.FindLink(index);
                gone = link is null;
                return link is null || isAwaited(link);
            },
            timeout);
        return ready && !gone;
    }

    /// <summary>Waits until duplicate address detection has ended for every IPv6 address of an interface.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="only">The addresses that are waited for, if not for all.</param>
    /// <returns>
    /// The IPv6 addresses as they then are: <see cref="InterfaceAddress.IsDuplicate"/> where somebody else has it,
    /// <see cref="InterfaceAddress.IsTentative"/> where the time did not suffice.
    /// </returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<InterfaceAddress> WaitForAddresses(int index, TimeSpan timeout, IReadOnlyCollection<IpPrefix>? only = null)
    {
        List<InterfaceAddress> addresses = [];
        _ = WaitUntil(
            () =>
            {
                addresses = _client.ListAddresses(index, IpFamily.IPv6);
                return !addresses.Any(
                    address => address.IsTentative && !address.IsDuplicate && (only is null || only.Contains(address.Address)));
            },
            timeout);
        return addresses;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notifications.Dispose();
        _client.Dispose();
    }

    private bool WaitUntil(Func<bool> isReady, TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (!isReady())
        {
            TimeSpan left = TimeSpan.FromMilliseconds(deadline - Environment.TickCount64);
            if (!_notifications.WaitForNotification(left))
                return isReady();
        }
        return true;
    }
}
