using Linux;
using Netlink.Wire;

namespace Netlink;

public sealed partial class NetlinkSocket
{
    private readonly List<int> _groups = [];

    /// <summary>Takes one notification.</summary>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="flags">nlmsg_flags; what they mean depends on the type.</param>
    /// <param name="payload">What follows the header.</param>
    public delegate void NotificationHandler(ushort type, ushort flags, ReadOnlySpan<byte> payload);

    /// <summary>Receives the notifications of a group from now on; use the socket for nothing else then.</summary>
    /// <param name="group">RTNLGRP_*, linux/rtnetlink.h; NFNLGRP_*, linux/netfilter/nfnetlink.h.</param>
    /// <exception cref="LinuxException">The protocol has no such group.</exception>
    public void Join(int group)
    {
        _transport.Join(group);
        _groups.Add(group);
    }

    /// <summary>Waits for a notification. One that got lost because too many came counts, too.</summary>
    /// <returns>False if none came within <paramref name="timeout"/>.</returns>
    /// <exception cref="LinuxException">The socket failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool WaitForNotification(TimeSpan timeout, CancellationToken cancellation = default)
    {
        try
        {
            return ReceiveNotifications(timeout, static (_, _, _) => { }, cancellation);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOBUFS)
        {
            // The kernel has dropped some; whoever waits looks at the state itself anyway.
            return true;
        }
    }

    /// <summary>Waits for a datagram of notifications and hands over each.</summary>
    /// <returns>False if none came within <paramref name="timeout"/>.</returns>
    /// <exception cref="LinuxException">
    /// ENOBUFS: some were lost, see <see cref="ForgetNotifications"/>. Otherwise the socket failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool ReceiveNotifications(TimeSpan timeout, NotificationHandler handle, CancellationToken cancellation = default)
    {
        MessageReader messages;
        try
        {
            messages = new MessageReader(_transport.Receive(timeout, cancellation));
        }
        catch (LinuxException e) when (e.Errno == Errno.ETIMEDOUT)
        {
            return false;
        }
        while (messages.MoveNext())
            handle(messages.Type, (ushort)messages.Flags, messages.Payload);
        return true;
    }

    /// <summary>
    /// Throws away all notifications that have come and listens on. After a loss what is left is older than what was lost, and would be
    /// taken for the present.
    /// </summary>
    /// <exception cref="LinuxException">The socket cannot be opened anew.</exception>
    public void ForgetNotifications()
    {
        _transport.Renew();
        foreach (int group in _groups)
            _transport.Join(group);
    }
}
