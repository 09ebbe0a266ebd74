using System.Net;
using Dhcp.Messages;
using Linux.Addresses;
using Linux.Sockets;

namespace Dhcp.Client;

/// <summary>DHCPv4 on one interface, past the kernel's IP.</summary>
internal sealed class PacketLink : ILink4
{
    /// <summary>RFC 2131, 4.1.</summary>
    public const ushort ClientPort = 68;

    private const ushort ServerPort = 67;
    // More than any frame, jumbo ones included.
    private const int MaxPacket = 16 * 1024;

    private readonly byte[] _buffer = new byte[MaxPacket];
    private readonly PacketSocket _socket;
    private readonly IDisposable _watch;
    private readonly Action<DhcpMessage, MacAddress> _received;
    private bool _disposed;

    public PacketLink(EventLoop loop, PacketSocket socket, MacAddress mac, Action<DhcpMessage, MacAddress> received)
    {
        (_socket, HardwareAddress, _received) = (socket, mac, received);
        _watch = loop.OnReadable(socket.File, Receive);
    }

    /// <inheritdoc/>
    public MacAddress HardwareAddress { get; }

    /// <inheritdoc/>
    public void Send(DhcpMessage message, IPAddress source, IPAddress destination, MacAddress station) =>
        _socket.Send(UdpPacket.Write(source, ClientPort, destination, ServerPort, message.ToRequest()), station);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
        _socket.Dispose();
    }

    private void Receive()
    {
        while (!_disposed && _socket.TryReceive(_buffer, out int length, out MacAddress station))
        {
            ReadOnlySpan<byte> payload = UdpPacket.Payload(_buffer.AsSpan(0, length), ClientPort);
            if (DhcpMessage.TryParseReply(payload) is { } message)
                _received(message, station);
        }
    }
}
