using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux;

/// <summary>An AF_NETLINK socket as the kernel gives it: datagrams out, datagrams in. What they mean is the Netlink project's business.</summary>
public sealed class NetlinkDescriptor : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOL_NETLINK = 270;
    private const int SO_SNDBUFFORCE = 32;
    private const int SO_RCVBUFFORCE = 33;

    private readonly FileDescriptor _socket;

    private NetlinkDescriptor(FileDescriptor socket, uint portId) => (_socket, PortId) = (socket, portId);

    /// <summary>The address the kernel gave the socket (nl_pid); answers carry it.</summary>
    public uint PortId { get; }

    /// <summary>Opens and binds a socket in the calling thread's network namespace.</summary>
    /// <param name="protocol">NETLINK_ROUTE and so on (linux/netlink.h).</param>
    /// <exception cref="LinuxException">The kernel lacks the protocol (EPROTONOSUPPORT), or the call failed otherwise.</exception>
    public static unsafe NetlinkDescriptor Open(int protocol)
    {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (fd < 0)
            throw new LinuxException(SystemCall.LastError, $"open netlink socket, protocol {protocol}");
        FileDescriptor owned = FileDescriptor.Own(fd);
        try
        {
            SockaddrNl address = new() { Family = AF_NETLINK };
            socklen_t length = (uint)sizeof(SockaddrNl);
            if (bind(fd, (sockaddr*)&address, length) != 0 || getsockname(fd, (sockaddr*)&address, &length) != 0)
                throw new LinuxException(SystemCall.LastError, "bind netlink socket");
            return new NetlinkDescriptor(owned, address.PortId);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Sets an integer option of level SOL_NETLINK.</summary>
    /// <exception cref="LinuxException">The kernel does not know it.</exception>
    public void SetOption(int option, int value) => SetOption(SOL_NETLINK, option, value, $"set netlink option {option}");

    /// <summary>Makes the kernel's buffers at least that large, beyond the host's limits (needs CAP_NET_ADMIN).</summary>
    /// <exception cref="LinuxException">Not permitted.</exception>
    public void GrowBuffers(int sendBytes, int receiveBytes)
    {
        SetOption(SOL_SOCKET, SO_SNDBUFFORCE, sendBytes, "grow netlink send buffer");
        SetOption(SOL_SOCKET, SO_RCVBUFFORCE, receiveBytes, "grow netlink receive buffer");
    }

    /// <summary>Sends one datagram to the kernel.</summary>
    /// <exception cref="LinuxException">EMSGSIZE: larger than the send buffer; ENOBUFS and others as send(2) says.</exception>
    public unsafe void Send(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* pointer = datagram)
        {
            while ((long)send(_socket.Number, pointer, datagram.Length, 0) < 0)
            {
                if (SystemCall.LastError is var errno && errno != Errno.EINTR)
                    throw new LinuxException(errno, $"send {datagram.Length} bytes to netlink");
            }
        }
    }

    /// <summary>Waits for one datagram.</summary>
    /// <param name="buffer">Receives it, as far as it fits.</param>
    /// <param name="peek">Leave it in the queue.</param>
    /// <returns>Its true length, which may exceed the buffer (MSG_TRUNC).</returns>
    /// <exception cref="LinuxException">ENOBUFS: the kernel dropped messages; others as recv(2) says.</exception>
    public unsafe int Receive(Span<byte> buffer, bool peek = false)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                long length = (long)recv(_socket.Number, pointer, buffer.Length, MSG_TRUNC | (peek ? MSG_PEEK : 0));
                if (length >= 0)
                    return (int)length;
                if (SystemCall.LastError is var errno && errno != Errno.EINTR)
                    throw new LinuxException(errno, "receive from netlink");
            }
        }
    }

    /// <summary>Waits until a datagram is there.</summary>
    /// <returns>False if none came within <paramref name="timeout"/>.</returns>
    /// <exception cref="LinuxException">poll(2) failed.</exception>
    public unsafe bool WaitReadable(TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            pollfd entry = new() { fd = _socket.Number, events = POLLIN };
            int ready = poll(&entry, 1, (int)Math.Max(0, deadline - Environment.TickCount64));
            if (ready >= 0)
                return ready > 0;
            // Tmds.LibC's poll does not save errno; only an interrupting signal can make this call fail.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Closes the socket without waiting for what the kernel does then, where that is possible (<see cref="BackgroundClose"/>).</summary>
    public void DisposeInBackground() => BackgroundClose.Close(_socket);

    private unsafe void SetOption(int level, int option, int value, string operation)
    {
        if (setsockopt(_socket.Number, level, option, &value, sizeof(int)) != 0)
            throw new LinuxException(SystemCall.LastError, operation);
    }

    /// <summary>struct sockaddr_nl, linux/netlink.h.</summary>
    private struct SockaddrNl
    {
        public ushort Family;
        public ushort Pad;
        public uint PortId;
        public uint Groups;
    }
}
