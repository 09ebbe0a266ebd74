using Linux;
using Linux.Processes;
using Linux.Sockets;

namespace Netlink;

/// <summary>The kernel's own netlink socket, set up so that refusals explain themselves.</summary>
public sealed class KernelTransport : INetlinkTransport
{
    // linux/netlink.h
    private const int NETLINK_ADD_MEMBERSHIP = 1;
    private const int NETLINK_CAP_ACK = 10;
    private const int NETLINK_EXT_ACK = 11;
    private const int NETLINK_GET_STRICT_CHK = 12;

    private readonly NetlinkProtocol _protocol;
    private NetlinkDescriptor _socket;

    // Grows with the first datagram that needs more.
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(8 * 1024);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">
    /// The kernel lacks the protocol, or is older than 4.20 and cannot check requests strictly.
    /// </exception>
    public KernelTransport(NetlinkProtocol protocol)
    {
        _protocol = protocol;
        _socket = SetUp(NetlinkDescriptor.Open((int)protocol), protocol);
    }

    /// <inheritdoc/>
    public uint PortId => _socket.PortId;

    /// <inheritdoc/>
    public int ReceiveBuffer => _socket.ReceiveBuffer;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.Send(datagram);
        }
        catch (LinuxException e) when (e.Errno == Errno.EMSGSIZE)
        {
            _socket.GrowSendBuffer(datagram.Length);
            _socket.Send(datagram);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (cancellation.CanBeCanceled)
            timeout = WaitReadable(timeout, cancellation);
        int length = _socket.Receive(ref _buffer, timeout);
        return _buffer.AsSpan(0, length);
    }

    /// <inheritdoc/>
    public void GrowReceiveBuffer(int bytes) => _socket.GrowReceiveBuffer(bytes);

    /// <inheritdoc/>
    public void Join(int group) => _socket.SetOption(NETLINK_ADD_MEMBERSHIP, group);

    /// <inheritdoc/>
    public void Renew()
    {
        NetlinkDescriptor fresh = SetUp(_socket.OpenAnother((int)_protocol), _protocol);
        Dispose();
        _socket = fresh;
    }

    /// <summary>
    /// Whoever closes a socket of netfilter waits until all that was deleted from nftables is free, whoever deleted it: a grace period, 10
    /// ms and more, during which nobody can change the ruleset (nft_rcv_nl_event, net/netfilter/nf_tables_api.c).
    /// </summary>
    public void Dispose()
    {
        if (_protocol == NetlinkProtocol.Netfilter)
            _socket.DisposeInBackground();
        else
            _socket.Dispose();
    }

    /// <returns>How much time is left.</returns>
    private TimeSpan WaitReadable(TimeSpan timeout, CancellationToken cancellation)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        using EventDescriptor cancelled = EventDescriptor.Create();
        using CancellationTokenRegistration registration =
            cancellation.UnsafeRegister(static flag => ((EventDescriptor)flag!).Raise(), cancelled);
        Span<bool> ready = stackalloc bool[2];
        while (true)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(deadline - Environment.TickCount64, 0));
            bool any = Readiness.Wait([_socket.File, cancelled.File], ready, left);
            if (any && ready[0])
                return left;
            cancellation.ThrowIfCancellationRequested();
            if (left == TimeSpan.Zero)
                return left;
        }
    }

    private static NetlinkDescriptor SetUp(NetlinkDescriptor socket, NetlinkProtocol protocol)
    {
        try
        {
            socket.SetOption(NETLINK_CAP_ACK, 1);
            socket.SetOption(NETLINK_EXT_ACK, 1);
            if (protocol == NetlinkProtocol.Route)
                socket.SetOption(NETLINK_GET_STRICT_CHK, 1);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
