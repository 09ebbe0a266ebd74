using System.Buffers.Binary;
using System.Net;
using Linux.Addresses;
using Linux.Files;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>A UDP socket over IPv6 that sees one interface only and sends by it, to addresses of the link.</summary>
public sealed class LinkUdpSocket : IDisposable
{
    private const int SO_BINDTOIFINDEX = 62;

    // struct sockaddr_in6, linux/in6.h: family 2, port 2 (big-endian), flowinfo 4, addr 16, scope_id 4.
    private const int AddressSize = 28;
    private const int PortOffset = 2;
    private const int IPOffset = 8;
    private const int ScopeOffset = 24;

    private readonly int _interface;

    private LinkUdpSocket(FileDescriptor socket, int index) => (File, _interface) = (socket, index);

    /// <summary>Readable when a datagram is there.</summary>
    public FileDescriptor File { get; }

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="port">The port at which it receives.</param>
    /// <exception cref="LinuxException">EADDRINUSE: somebody else receives there; EAFNOSUPPORT: the kernel has no IPv6.</exception>
    public static unsafe LinkUdpSocket Open(int index, ushort port)
    {
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            throw new LinuxException(SystemCall.LastError, "open UDP socket over IPv6");
        FileDescriptor owned = FileDescriptor.Own(fd);
        try
        {
            int one = 1;
            if (setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(int)) != 0
                || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(int)) != 0)
            {
                throw new LinuxException(SystemCall.LastError, $"bind UDP socket to link {index}");
            }
            Span<byte> address = stackalloc byte[AddressSize];
            WriteAddress(address, IPAddress.IPv6Any, port, scope: 0);
            fixed (byte* pointer = address)
            {
                if (bind(fd, (sockaddr*)pointer, (socklen_t)(uint)AddressSize) != 0)
                    throw new LinuxException(SystemCall.LastError, $"bind UDP socket to port {port}");
            }
            return new LinkUdpSocket(owned, index);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Sends a datagram to an address of the link.</summary>
    /// <exception cref="LinuxException">
    /// EADDRNOTAVAIL: the interface has no usable link-local address (yet); ENETUNREACH: nor IPv6.
    /// </exception>
    public unsafe void Send(ReadOnlySpan<byte> datagram, IPAddress destination, ushort port)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        WriteAddress(address, destination, port, (uint)_interface);
        fixed (byte* pointer = datagram, to = address)
        {
            while ((long)sendto(File.Number, pointer, datagram.Length, 0, (sockaddr*)to, (socklen_t)(uint)AddressSize) < 0)
                SystemCall.ThrowUnlessInterrupted($"send to {IpText.Format(destination)} on link {_interface}");
        }
    }

    /// <summary>Takes a datagram that has arrived; false if there is none.</summary>
    /// <exception cref="LinuxException">read(2) failed.</exception>
    public bool TryReceive(Span<byte> buffer, out int length) => File.TryRead(buffer, out length);

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    private static void WriteAddress(Span<byte> address, IPAddress ip, ushort port, uint scope)
    {
        _ = BitConverter.TryWriteBytes(address, (ushort)AF_INET6);
        BinaryPrimitives.WriteUInt16BigEndian(address[PortOffset..], port);
        _ = ip.TryWriteBytes(address[IPOffset..], out _);
        _ = BitConverter.TryWriteBytes(address[ScopeOffset..], scope);
    }
}
