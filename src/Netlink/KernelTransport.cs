using Linux;

namespace Netlink;

/// <summary>The kernel's own netlink socket, set up so that refusals explain themselves.</summary>
internal sealed class KernelTransport : INetlinkTransport
{
    // linux/netlink.h
    private const int NETLINK_ADD_MEMBERSHIP = 1;
    private const int NETLINK_CAP_ACK = 10;
    private const int NETLINK_EXT_ACK = 11;
    private const int NETLINK_GET_STRICT_CHK = 12;

    private readonly NetlinkDescriptor _socket;
    private readonly NetlinkProtocol _protocol;

    // Grows with the first datagram that needs more.
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(8 * 1024);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel lacks the protocol, or is older than 4.20 and cannot check requests strictly.</exception>
    public KernelTransport(NetlinkProtocol protocol)
    {
        _protocol = protocol;
        _socket = NetlinkDescriptor.Open((int)protocol);
        try
        {
            _socket.SetOption(NETLINK_CAP_ACK, 1);
            _socket.SetOption(NETLINK_EXT_ACK, 1);
            if (protocol == NetlinkProtocol.Route)
                _socket.SetOption(NETLINK_GET_STRICT_CHK, 1);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public uint PortId => _socket.PortId;

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    public ReadOnlySpan<byte> Receive()
    {
        int length = _socket.Receive([], peek: true);
        if (length > _buffer.Length)
            _buffer = GC.AllocateUninitializedArray<byte>(length);
        length = _socket.Receive(_buffer);
        return _buffer.AsSpan(0, length);
    }

    public bool WaitReadable(TimeSpan timeout) => _socket.WaitReadable(timeout);

    public void GrowBuffers(int sendBytes, int receiveBytes) => _socket.GrowBuffers(sendBytes, receiveBytes);

    public void Join(int group) => _socket.SetOption(NETLINK_ADD_MEMBERSHIP, group);

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
}
