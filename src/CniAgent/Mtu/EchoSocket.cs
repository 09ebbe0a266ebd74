using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CniAgent.Mtu;

/// <summary>
/// Echo requests (RFC 792, RFC 4443) of chosen sizes to one address, which nobody on the way may fragment, this host included.
/// </summary>
internal sealed class EchoSocket : IDisposable
{
    // linux/in.h and linux/in6.h. PROBE: never fragment, and do not believe what a router has said of the path earlier.
    private const int SolIp = 0, IpMtuDiscover = 10;
    private const int SolIpv6 = 41, Ipv6MtuDiscover = 23, Ipv6DontFragment = 62;
    private const int Probe = 3;

    private const byte Request4 = 8, Reply4 = 0, Request6 = 128, Reply6 = 129;
    private const int IcmpHeader = 8;

    private readonly Socket _socket;
    private readonly bool _isIPv6;
    private readonly ushort _identifier = (ushort)Random.Shared.Next(ushort.MaxValue);
    private readonly byte[] _received = new byte[ushort.MaxValue + 1];
    private ushort _sequence;

    /// <param name="address">Whom to ask.</param>
    /// <exception cref="SocketException">This process lacks the capability CAP_NET_RAW, or there is no route.</exception>
    public EchoSocket(IPAddress address)
    {
        _isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        _socket = new Socket(address.AddressFamily, SocketType.Raw, _isIPv6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp);
        try
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(value, Probe);
            _socket.SetRawSocketOption(_isIPv6 ? SolIpv6 : SolIp, _isIPv6 ? Ipv6MtuDiscover : IpMtuDiscover, value);
            if (_isIPv6)
            {
                BinaryPrimitives.WriteInt32LittleEndian(value, 1);
                _socket.SetRawSocketOption(SolIpv6, Ipv6DontFragment, value);
            }
            _socket.Connect(new IPEndPoint(address, 0));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>The smallest packet that every path must carry, bytes (RFC 791, RFC 8200).</summary>
    public int Smallest => _isIPv6 ? 1280 : 576;

    private int Headers => (_isIPv6 ? 40 : 20) + IcmpHeader;

    /// <summary>Sends a request.</summary>
    /// <param name="size">The whole packet's, from the IP header on, bytes.</param>
    /// <returns>Its number; null if it is larger than this host may send there.</returns>
    /// <exception cref="SocketException">It cannot be sent for another reason.</exception>
    public ushort? Send(int size)
    {
        byte[] message = new byte[size - Headers + IcmpHeader];
        message[0] = _isIPv6 ? Request6 : Request4;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), _identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), ++_sequence);
        // Of ICMPv6 the kernel makes the checksum, which covers addresses that it has yet to choose.
        if (!_isIPv6)
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
        try
        {
            _ = _socket.Send(message);
            return _sequence;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
        {
            return null;
        }
    }

    /// <summary>Waits for an answer.</summary>
    /// <returns>The number of its request.</returns>
    public async Task<ushort> ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            int length = await _socket.ReceiveAsync(_received, cancel);
            if (NumberIn(_received.AsSpan(0, length)) is { } number)
                return number;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // Of IPv4 the header comes, too, with its length in words in the lower half of its first byte.
    private ushort? NumberIn(ReadOnlySpan<byte> packet)
    {
        int start = _isIPv6 || packet.IsEmpty ? 0 : (packet[0] & 0xf) * 4;
        if (packet.Length < start + IcmpHeader)
            return null;
        ReadOnlySpan<byte> message = packet[start..];
        return message[0] == (_isIPv6 ? Reply6 : Reply4) && BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == _identifier
            ? BinaryPrimitives.ReadUInt16BigEndian(message[6..])
            : null;
    }

    // RFC 1071.
    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        uint sum = 0;
        for (int i = 0; i < message.Length; i += 2)
            sum += (uint)(message[i] << 8) + (i + 1 < message.Length ? message[i + 1] : 0u);
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)~sum;
    }
}
