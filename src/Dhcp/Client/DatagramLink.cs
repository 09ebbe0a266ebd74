using System.Net;
using Dhcp.Daemon;
using Dhcp.Messages;
using Linux.Addresses;
using Linux.Sockets;

namespace Dhcp.Client;

/// <summary>DHCPv6 on one interface, over its link-local address.</summary>
internal sealed class DatagramLink : ILink6
{
    /// <summary>RFC 8415, 7.2.</summary>
    public const ushort ClientPort = 546;

    private const ushort ServerPort = 547;
    // More than any frame, jumbo ones included.
    private const int MaxDatagram = 16 * 1024;

    // All_DHCP_Relay_Agents_and_Servers (RFC 8415, 7.1).
    private static readonly IPAddress s_servers = IPAddress.Parse("ff02::1:2");

    private readonly byte[] _buffer = new byte[MaxDatagram];
    private readonly LinkUdpSocket _socket;
    private readonly IDisposable _watch;
    private readonly Action<Dhcp6Message> _received;
    private bool _disposed;

    public DatagramLink(EventLoop loop, LinkUdpSocket socket, MacAddress mac, Action<Dhcp6Message> received)
    {
        (_socket, HardwareAddress, _received) = (socket, mac, received);
        _watch = loop.OnReadable(socket.File, Receive);
    }

    /// <inheritdoc/>
    public MacAddress HardwareAddress { get; }

    /// <inheritdoc/>
    public void Send(Dhcp6Message message) => _socket.Send(message.ToBytes(), s_servers, ServerPort);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
        _socket.Dispose();
    }

    private void Receive()
    {
        while (!_disposed && _socket.TryReceive(_buffer, out int length))
        {
            if (Dhcp6Message.TryParse(_buffer.AsSpan(0, length)) is { } message)
                _received(message);
        }
    }
}
