using Linux.Files;
using Linux.Namespaces;
using Linux.Processes;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>
/// An AF_NETLINK socket that speaks with the kernel alone: datagrams out, datagrams in. What they mean is the Netlink project's business.
/// </summary>
public sealed class NetlinkDescriptor : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOL_NETLINK = 270;
    private const int SO_SNDBUFFORCE = 32;
    private const int SO_RCVBUFFORCE = 33;

    private readonly FileDescriptor _socket;

    private NetlinkDescriptor(FileDescriptor socket, uint portId) => (_socket, PortId) = (socket, portId);

    /// <summary>The socket, for whoever waits for more than it (<see cref="Readiness"/>).</summary>
    public FileDescriptor File => _socket;

    /// <summary>The address the kernel gave the socket (nl_pid); answers carry it.</summary>
    public uint PortId { get; }

    /// <summary>Bytes of what has come that the kernel keeps until it is read, its own bookkeeping included (SO_RCVBUF).</summary>
    /// <exception cref="LinuxException">getsockopt(2) failed.</exception>
    public unsafe int ReceiveBuffer
    {
        get
        {
            int bytes = 0;
            socklen_t length = sizeof(int);
            return getsockopt(_socket.Number, SOL_SOCKET, SO_RCVBUF, &bytes, &length) == 0
                ? bytes
                : throw new LinuxException(SystemCall.LastError, "get netlink receive buffer");
        }
    }

    /// <summary>Opens a socket in the calling thread's network namespace and connects it to the kernel.</summary>
    /// <remarks>
    /// Whoever has CAP_NET_ADMIN in that namespace may send to any socket in it. To a connected one only its peer can
    /// (netlink_getsockbyportid, net/netlink/af_netlink.c): others are refused before anything is queued. Multicasts are not held off so.
    /// </remarks>
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
            // Port 0 is the kernel. A socket that is connected without an address of its own is given one.
            SockaddrNl address = new() { Family = AF_NETLINK };
            socklen_t length = (uint)sizeof(SockaddrNl);
            if (connect(fd, (sockaddr*)&address, length) != 0 || getsockname(fd, (sockaddr*)&address, &length) != 0)
                throw new LinuxException(SystemCall.LastError, "connect netlink socket");
            return new NetlinkDescriptor(owned, address.PortId);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Opens another socket in this one's network namespace, whichever the calling thread is in.</summary>
    /// <param name="protocol">NETLINK_ROUTE and so on.</param>
    /// <exception cref="LinuxException">The namespace cannot be entered, or the socket cannot be opened.</exception>
    public NetlinkDescriptor OpenAnother(int protocol)
    {
        using NetworkNamespace own = NetworkNamespace.OfSocket(_socket);
        using NetworkNamespace current = NetworkNamespace.Current();
        return own.IsSameAs(current) ? Open(protocol) : own.Run(() => Open(protocol));
    }

    /// <summary>Sets an integer option of level SOL_NETLINK.</summary>
    /// <exception cref="LinuxException">The kernel does not know it.</exception>
    public void SetOption(int option, int value)
    {
        if (!TrySetOption(SOL_NETLINK, option, value))
            throw new LinuxException(SystemCall.LastError, $"set netlink option {option}");
    }

    /// <summary>
    /// Makes the kernel take a datagram of that size: beyond the host's limit with CAP_NET_ADMIN in the initial user namespace,
    /// otherwise as far as twice net.core.wmem_max goes.
    /// </summary>
    public void GrowSendBuffer(int bytes)
    {
        if (!TrySetOption(SOL_SOCKET, SO_SNDBUFFORCE, bytes))
            _ = TrySetOption(SOL_SOCKET, SO_SNDBUF, bytes);
    }

    /// <summary>Makes the kernel keep that much of what has come; as far as it is permitted, as <see cref="GrowSendBuffer"/>.</summary>
    public void GrowReceiveBuffer(int bytes)
    {
        if (!TrySetOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes))
            _ = TrySetOption(SOL_SOCKET, SO_RCVBUF, bytes);
    }

    /// <summary>Sends one datagram to the kernel.</summary>
    /// <exception cref="LinuxException">EMSGSIZE: larger than the send buffer; ENOBUFS and others as send(2) says.</exception>
    public unsafe void Send(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* pointer = datagram)
        {
            while ((long)send(_socket.Number, pointer, datagram.Length, 0) < 0)
                SystemCall.ThrowUnlessInterrupted($"send {datagram.Length} bytes to netlink");
        }
    }

    /// <summary>Waits for one datagram of the kernel's. Those of others are dropped, and do not lengthen the wait.</summary>
    /// <param name="buffer">Receives it; replaced by a larger one where necessary.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>Its length.</returns>
    /// <exception cref="LinuxException">ENOBUFS: the kernel dropped messages; ETIMEDOUT: none came; others as recvfrom(2) says.</exception>
    public int Receive(ref byte[] buffer, TimeSpan timeout)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            // The kernel answers while it is asked, so as a rule there is nothing to wait for.
            if (TryReceive([], MSG_PEEK, out uint sender) is not { } length)
            {
                if (!WaitReadable(deadline))
                    throw new LinuxException(Errno.ETIMEDOUT, "receive from netlink");
                continue;
            }
            bool isKernels = sender == 0;
            if (isKernels && length > buffer.Length)
                buffer = GC.AllocateUninitializedArray<byte>(length);
            _ = TryReceive(isKernels ? buffer : [], 0, out _);
            if (isKernels)
                return length;
            if (Environment.TickCount64 > deadline)
                throw new LinuxException(Errno.ETIMEDOUT, "receive from netlink");
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Closes the socket without waiting for what the kernel does then, where that is possible (<see cref="BackgroundClose"/>).
    /// </summary>
    public void DisposeInBackground() => BackgroundClose.Close(_socket);

    /// <returns>The datagram's true length, which may exceed the buffer (MSG_TRUNC); null if there is none.</returns>
    private unsafe int? TryReceive(Span<byte> buffer, int flags, out uint sender)
    {
        SockaddrNl from;
        socklen_t size = (uint)sizeof(SockaddrNl);
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                int all = MSG_TRUNC | MSG_DONTWAIT | flags;
                long length = (long)recvfrom(_socket.Number, pointer, buffer.Length, all, (sockaddr*)&from, &size);
                sender = from.PortId;
                if (length >= 0)
                    return (int)length;
                if (SystemCall.LastError == Errno.EAGAIN)
                    return null;
                SystemCall.ThrowUnlessInterrupted("receive from netlink");
            }
        }
    }

    private unsafe bool WaitReadable(long deadline)
    {
        while (true)
        {
            pollfd entry = new() { fd = _socket.Number, events = POLLIN };
            int ready = SystemCall.Poll(&entry, 1, (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue));
            if (ready >= 0)
                return ready > 0;
            SystemCall.ThrowUnlessInterrupted("wait for netlink");
        }
    }

    private unsafe bool TrySetOption(int level, int option, int value) =>
        setsockopt(_socket.Number, level, option, &value, sizeof(int)) == 0;

    /// <summary>struct sockaddr_nl, linux/netlink.h.</summary>
    private struct SockaddrNl
    {
        public ushort Family;
        public ushort Pad;
        public uint PortId;
        public uint Groups;
    }
}
