using Linux;
using Linux.Sockets;

namespace Netlink;

/// <summary>The kernel's own netlink socket, set up so that refusals explain themselves.</summary>
internal sealed class KernelTransport : INetlinkTransport
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
    /// <exception cref="LinuxException">The kernel lacks the protocol, or is older than 4.20 and cannot check requests strictly.</exception>
    public KernelTransport(NetlinkProtocol protocol)
    {
        _protocol = protocol;
        _socket = SetUp(NetlinkDescriptor.Open((int)protocol), protocol);
    }

    public uint PortId => _socket.PortId;

    public int ReceiveBuffer => _socket.ReceiveBuffer;

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

    public ReadOnlySpan<byte> Receive(TimeSpan timeout)
    {
        int length = _socket.Receive(ref _buffer, timeout);
        return _buffer.AsSpan(0, length);
    }

    public void GrowReceiveBuffer(int bytes) => _socket.GrowReceiveBuffer(bytes);

    public void Join(int group) => _socket.SetOption(NETLINK_ADD_MEMBERSHIP, group);

    public void Renew()
    {
        NetlinkDescriptor fresh = SetUp(_socket.OpenAnother((int)_protocol), _protocol);
        Dispose();
        _socket = fresh;
    }

    /// <summary>
    /// Whoever closes a socket of netfilter waits until all that was deleted from nftables is free, whoever deleted it: a grace period, 10 ms
    /// and more, during which nobody can change the ruleset (nft_rcv_nl_event, net/netfilter/nf_tables_api.c).
    /// </summary>
    public void Dispose()
    {
        if (_protocol == NetlinkProtocol.Netfilter)
            _socket.DisposeInBackground();
        else
            _socket.Dispose();
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
