using System.Runtime.InteropServices;
using Linux;

namespace Netlink.Tests;

/// <summary>A process with CAP_NET_ADMIN in the namespace that answers in the kernel's place.</summary>
internal sealed partial class ForgingSocket : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int ECONNREFUSED = 111;

    private readonly int _socket;

    /// <summary>To be called on a thread of the namespace.</summary>
    public ForgingSocket(NetlinkProtocol protocol)
    {
        _socket = Open(AF_NETLINK, SOCK_RAW, (int)protocol);
        Assert.True(_socket >= 0);
    }

    /// <summary>Sends to a socket of another; false if the kernel does not deliver it.</summary>
    public bool TrySend(uint portId, byte[] datagram, uint groups = 0)
    {
        // struct sockaddr_nl, linux/netlink.h
        byte[] address = new byte[12];
        MemoryMarshal.Write(address, (ushort)AF_NETLINK);
        MemoryMarshal.Write(address.AsSpan(4), portId);
        MemoryMarshal.Write(address.AsSpan(8), groups);
        const int MSG_DONTWAIT = 0x40;
        if (SendTo(_socket, datagram, datagram.Length, MSG_DONTWAIT, address, address.Length) >= 0)
            return true;
        Assert.Contains(Marshal.GetLastPInvokeError(), (int[])[ECONNREFUSED, (int)Errno.EAGAIN]);
        return false;
    }

    public void Dispose() => _ = Close(_socket);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SendTo(int socket, byte[] datagram, nint length, int flags, byte[] address, int addressLength);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int fd);
}
