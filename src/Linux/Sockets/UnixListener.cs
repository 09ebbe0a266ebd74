using System.Globalization;
using Linux.Files;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>Listens at a path in the file system (unix(7), SOCK_STREAM), or on a socket that systemd has opened.</summary>
public sealed class UnixListener : IDisposable
{
    private const int Backlog = 128;

    // SD_LISTEN_FDS_START of sd_listen_fds(3).
    private const int FirstActivatedDescriptor = 3;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(1);

    private readonly string? _path;

    private UnixListener(FileDescriptor socket, string? path) => (File, _path) = (socket, path);

    /// <summary>Readable when somebody wants to connect.</summary>
    public FileDescriptor File { get; }

    /// <summary>
    /// Listens at a path, for the owner's processes alone (0600); a socket there on which nobody listens any more is replaced.
    /// </summary>
    /// <exception cref="LinuxException">EADDRINUSE: somebody listens there already; others as bind(2) says.</exception>
    public static UnixListener Listen(string path)
    {
        FileDescriptor socket = OpenSocket();
        try
        {
            // bind(2) gives these permissions to the path, so nobody can connect in between.
            socket.SetMode(OwnerOnly);
            Errno errno = Bind(socket, path);
            if (errno == Errno.EADDRINUSE && IsDeserted(path))
            {
                System.IO.File.Delete(path);
                errno = Bind(socket, path);
            }
            if (errno != Errno.None)
                throw new LinuxException(errno, $"listen at {path}");
            if (listen(socket.Number, Backlog) != 0)
                throw new LinuxException(SystemCall.LastError, $"listen at {path}");
            return new UnixListener(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the socket that systemd has opened for this process (sd_listen_fds(3)); null if it has opened none.</summary>
    /// <param name="listenPid">LISTEN_PID.</param>
    /// <param name="listenFds">LISTEN_FDS.</param>
    /// <exception cref="LinuxException">E2BIG: there are several.</exception>
    public static UnixListener? Activated(string? listenPid, string? listenFds)
    {
        if (!int.TryParse(listenPid, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid != Environment.ProcessId)
            return null;
        if (!int.TryParse(listenFds, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count == 0)
            return null;
        if (count > 1)
            throw new LinuxException(Errno.E2BIG, $"socket activation with {listenFds} sockets instead of one");
        FileDescriptor socket = FileDescriptor.Own(FirstActivatedDescriptor);
        int flags = fcntl(socket.Number, F_GETFL);
        if (flags < 0 || fcntl(socket.Number, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(socket.Number, F_SETFD, FD_CLOEXEC) < 0)
            throw new LinuxException(SystemCall.LastError, "take over systemd's socket");
        return new UnixListener(socket, path: null);
    }

    /// <summary>The next connection, whose reads do not block; null if nobody waits.</summary>
    /// <exception cref="LinuxException">accept(2) failed.</exception>
    public unsafe UnixStream? Accept()
    {
        while (true)
        {
            int fd = accept4(File.Number, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (fd >= 0)
                return new UnixStream(FileDescriptor.Own(fd));
            switch (SystemCall.LastError)
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN or Errno.ECONNABORTED:
                    return null;
                case var errno:
                    throw new LinuxException(errno, "accept");
            }
        }
    }

    /// <summary>Stops listening; the path goes, unless it is systemd's.</summary>
    public void Dispose()
    {
        if (_path is not null)
            System.IO.File.Delete(_path);
        File.Dispose();
    }

    private static FileDescriptor OpenSocket()
    {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return fd >= 0 ? FileDescriptor.Own(fd) : throw new LinuxException(SystemCall.LastError, "open unix socket");
    }

    private static unsafe Errno Bind(FileDescriptor socket, string path)
    {
        if (UnixAddress.TryGet(path) is not { } address)
            return Errno.EINVAL;
        fixed (byte* pointer = address)
            return bind(socket.Number, (sockaddr*)pointer, address.Length) == 0 ? Errno.None : SystemCall.LastError;
    }

    /// <summary>Whether what is there is a socket whose process is gone, killed perhaps.</summary>
    private static bool IsDeserted(string path)
    {
        // Nobody listens at a file that is no socket either.
        if (FileStatus.TryGet(path) is not { IsSocket: true })
            return false;
        using UnixStream? somebody = UnixStream.TryConnect(path, s_connectTimeout);
        return somebody is null;
    }
}
