using System.Text;
using Linux.Files;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>
/// A stream socket to a server on this host (AF_UNIX, unix(7)). Whatever takes longer than its timeout fails with EAGAIN.
/// </summary>
public sealed class UnixStream : IDisposable
{
    internal UnixStream(FileDescriptor socket) => File = socket;

    /// <summary>The socket. Of an accepted connection it does not block.</summary>
    public FileDescriptor File { get; }

    /// <summary>Connects to the server that listens at a path.</summary>
    /// <returns>Null if there is none: no such file (ENOENT, ENOTDIR), or nobody listens there any more (ECONNREFUSED).</returns>
    /// <exception cref="LinuxException">
    /// It cannot be reached for another reason; EINVAL if the path is too long for struct sockaddr_un.
    /// </exception>
    public static UnixStream? TryConnect(string path, TimeSpan timeout) => TryConnect(UnixAddress.TryGet(path), path, timeout);

    /// <summary>Connects to the server that listens at a name that is no file's (unix(7), "abstract").</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="LinuxException">
    /// It cannot be reached for another reason; EINVAL if the name is too long for struct sockaddr_un.
    /// </exception>
    public static UnixStream? TryConnectAbstract(ReadOnlySpan<byte> name, TimeSpan timeout) =>
        TryConnect(UnixAddress.TryGetAbstract(name), $"@{Encoding.UTF8.GetString(name)}", timeout);

    private static UnixStream? TryConnect(byte[]? address, string place, TimeSpan timeout)
    {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            throw new LinuxException(SystemCall.LastError, "open unix socket");
        FileDescriptor owned = FileDescriptor.Own(fd);
        try
        {
            SetTimeout(owned, SO_RCVTIMEO, timeout);
            SetTimeout(owned, SO_SNDTIMEO, timeout);
            if (Connect(owned, address) is var errno && errno == Errno.None)
                return new UnixStream(owned);
            owned.Dispose();
            return errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ECONNREFUSED
                ? null
                : throw new LinuxException(errno, $"connect to {place}");
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Sends all bytes.</summary>
    /// <exception cref="LinuxException">EPIPE: the server has closed; EAGAIN: it did not read in time.</exception>
    public unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                // Without the flag a server that has gone would end this process by SIGPIPE.
                long count = (long)send(File.Number, pointer + done, bytes.Length - done, MSG_NOSIGNAL);
                if (count >= 0)
                    done += (int)count;
                else
                    SystemCall.ThrowUnlessInterrupted("send to unix socket");
            }
        }
    }

    /// <summary>Receives up to a buffer full; 0 if the server has closed.</summary>
    /// <exception cref="LinuxException">EAGAIN: nothing came in time.</exception>
    public int Receive(Span<byte> buffer) => File.Read(buffer);

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    private static unsafe Errno Connect(FileDescriptor descriptor, byte[]? address)
    {
        if (address is null)
            return Errno.EINVAL;
        fixed (byte* pointer = address)
        {
            while (connect(descriptor.Number, (sockaddr*)pointer, address.Length) != 0)
            {
                if (!SystemCall.IsInterrupted)
                    return SystemCall.LastError;
            }
        }
        return Errno.None;
    }

    private static unsafe void SetTimeout(FileDescriptor descriptor, int option, TimeSpan timeout)
    {
        // struct timeval: seconds, microseconds.
        long* value = stackalloc long[] { (long)timeout.TotalSeconds, timeout.Microseconds + (1000L * timeout.Milliseconds) };
        if (setsockopt(descriptor.Number, SOL_SOCKET, option, value, 2 * sizeof(long)) != 0)
            throw new LinuxException(SystemCall.LastError, "set timeout of unix socket");
    }
}
