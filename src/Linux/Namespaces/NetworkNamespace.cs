using System.Runtime.ExceptionServices;
using Linux.Files;
using Linux.Processes;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Namespaces;

/// <summary>
/// A network namespace held open. Code enters it only on a thread of its own that ends afterwards: a thread that failed to go back
/// would be worse than one thread more. Sockets stay in the namespace in which they were opened, whoever uses them.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    // linux/magic.h; which of the two a namespace file shows depends on the kernel's age.
    private const long NSFS_MAGIC = 0x6e736673;
    private const long PROC_SUPER_MAGIC = 0x9fa0;

    private const string CallingThread = "/proc/thread-self/ns/net";

    // linux/nsfs.h: _IO(0xb7, 1); asm-generic/socket.h.
    private const int NS_GET_USERNS = 0xb701;
    private const int SO_NETNS_COOKIE = 71;

    private ulong? _cookie;

    private NetworkNamespace(FileDescriptor handle) => Handle = handle;

    /// <summary>The open namespace file.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>
    /// A number that no other network namespace has, had or will have before the next boot, unlike an inode's; 0 if the kernel does not
    /// tell (before 5.14), or not this process. Kernels from 6.18 on are asked with one call, older ones from inside.
    /// </summary>
    public ulong Cookie => _cookie ??= ReadCookie();

    /// <summary>
    /// Whether the user namespace of this process owns it, as it owns those that its root makes; false if that cannot be told.
    /// </summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public bool IsOwnedHere
    {
        get
        {
            int fd = ioctl(Handle.Number, NS_GET_USERNS);
            if (fd < 0)
                return false;
            using FileDescriptor owner = FileDescriptor.Own(fd);
            return FileStatus.TryGet("/proc/self/ns/user") is { } own && own.IsSameFileAs(owner.Status());
        }
    }

    /// <summary>Opens the namespace at a path such as <c>/run/netns/pod</c> or <c>/proc/4711/ns/net</c>.</summary>
    /// <exception cref="LinuxException">The path cannot be opened; ENOENT if nothing is there.</exception>
    /// <exception cref="NotANamespaceException">Something else is there.</exception>
    public static NetworkNamespace Open(string path) => Adopt(FileDescriptor.Open(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking))
        ?? throw new NotANamespaceException(path);

    /// <summary>Opens the namespace at a path, or returns null if the path is empty, absent or no network namespace.</summary>
    /// <exception cref="LinuxException">The path cannot be opened for another reason.</exception>
    public static NetworkNamespace? TryOpen(string path)
    {
        if (path.Length == 0)
            return null;
        // Not blocking, lest a FIFO at that path hang us.
        FileDescriptor? file = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
        return file is null ? null : Adopt(file);
    }

    /// <summary>The calling thread's namespace.</summary>
    public static NetworkNamespace Current() => Open(CallingThread);

    /// <summary>The namespace that a socket was opened in.</summary>
    /// <exception cref="LinuxException">EPERM: the caller lacks CAP_NET_ADMIN there.</exception>
    internal static NetworkNamespace OfSocket(FileDescriptor socket)
    {
        const int SIOCGSKNS = 0x894c; // linux/sockios.h
        int fd = ioctl(socket.Number, SIOCGSKNS);
        return fd >= 0
            ? new NetworkNamespace(FileDescriptor.Own(fd))
            : throw new LinuxException(SystemCall.LastError, "get the network namespace of a socket");
    }

    /// <summary>A new namespace without a name; it lives as long as something refers to it.</summary>
    /// <exception cref="LinuxException">unshare(2) failed, for want of CAP_SYS_ADMIN for example.</exception>
    public static NetworkNamespace Create() => OnFreshThread(static () =>
        unshare(CLONE_NEWNET) == 0 ? Current() : throw new LinuxException(SystemCall.LastError, "unshare CLONE_NEWNET"));

    /// <summary>Whether both are one namespace. Only meaningful while both are open: the kernel reuses inode numbers at once.</summary>
    public bool IsSameAs(NetworkNamespace other) => Handle.Status().IsSameFileAs(other.Handle.Status());

    /// <summary>Runs a function on a fresh thread inside the namespace.</summary>
    /// <exception cref="LinuxException">setns(2) failed; EAGAIN: no thread can be made now.</exception>
    public T Run<T>(Func<T> function) => OnFreshThread(() =>
    {
        EnterForGood();
        return function();
    });

    /// <summary>Moves the calling thread into the namespace. There is no way back: the thread must be one that ends soon.</summary>
    /// <exception cref="LinuxException">setns(2) failed.</exception>
    public void EnterForGood()
    {
        if (setns(Handle.Number, CLONE_NEWNET) != 0)
            throw new LinuxException(SystemCall.LastError, "setns CLONE_NEWNET");
    }

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action action) => _ = Run(() =>
    {
        action();
        return true;
    });

    public void Dispose() => Handle.Dispose();

    private static NetworkNamespace? Adopt(FileDescriptor file)
    {
        if (file.FileSystemMagic() is NSFS_MAGIC or PROC_SUPER_MAGIC && IsNetworkNamespace(file))
            return new NetworkNamespace(file);
        file.Dispose();
        return null;
    }

    /// <summary>NS_GET_NSTYPE tells a network namespace from another kind; asking costs one call (kernel 4.11 and newer).</summary>
    private static bool IsNetworkNamespace(FileDescriptor file)
    {
        const int NS_GET_NSTYPE = 0xb703; // linux/nsfs.h: _IO(0xb7, 3)
        int type = ioctl(file.Number, NS_GET_NSTYPE);
        // qemu-user, in which the arm64 binary is tested, does not know the question; setns(2) refuses another kind all the same.
        return type == CLONE_NEWNET || (type < 0 && SystemCall.LastError == Errno.ENOSYS);
    }

    private unsafe ulong ReadCookie()
    {
        const uint NS_GET_ID = 0x8008b70d; // linux/nsfs.h of 6.18: _IOR(0xb7, 13, __u64); the cookie, of a network namespace
        ulong cookie;
        if (SystemCall.Ioctl(Handle.Number, NS_GET_ID, (nint)(&cookie)) == 0)
            return cookie;
        try
        {
            return Run(ReadSocketCookie);
        }
        catch (LinuxException)
        {
            // Not ours to enter.
            return 0;
        }
    }

    private static unsafe ulong ReadSocketCookie()
    {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            return 0;
        using FileDescriptor owned = FileDescriptor.Own(fd);
        ulong cookie;
        socklen_t length = sizeof(ulong);
        return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0 ? cookie : 0;
    }

    private static T OnFreshThread<T>(Func<T> function)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        WorkerThread.Start(() =>
        {
            try
            {
                result = function();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }).Join();
        failure?.Throw();
        return result!;
    }
}
