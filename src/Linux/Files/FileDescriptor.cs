using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Files;

/// <summary>An open file. It is close-on-exec from birth, since plugins execute other plugins.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    public FileDescriptor() : base(ownsHandle: true)
    {
    }

    private FileDescriptor(int fd, bool owned) : base(owned) => SetHandle(fd);

    /// <summary>The number, for messages to the kernel that carry one (IFLA_NET_NS_FD). Valid as long as this object is.</summary>
    /// <exception cref="ObjectDisposedException">It is closed; the number may be another file's by now.</exception>
    public int Number
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="LinuxException">open(2) failed.</exception>
    public static FileDescriptor Open(string path, OpenFlags flags, UnixFileMode mode = UnixFileMode.None)
    {
        Errno errno = TryOpen(path, flags, mode, out FileDescriptor? file);
        return file ?? throw new LinuxException(errno, $"open {path}");
    }

    /// <summary>Opens a file, or returns null when no such file exists (ENOENT, ENOTDIR).</summary>
    /// <exception cref="LinuxException">open(2) failed for another reason.</exception>
    public static FileDescriptor? TryOpen(string path, OpenFlags flags, UnixFileMode mode = UnixFileMode.None)
    {
        Errno errno = TryOpen(path, flags, mode, out FileDescriptor? file);
        if (errno is Errno.None or Errno.ENOENT or Errno.ENOTDIR)
            return file;
        throw new LinuxException(errno, $"open {path}");
    }

    /// <summary>Reads up to a buffer full; 0 at the end of the file.</summary>
    /// <exception cref="LinuxException">read(2) failed.</exception>
    public unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                long count = (long)read(Number, pointer, buffer.Length);
                if (count >= 0)
                    return (int)count;
                SystemCall.ThrowUnlessInterrupted("read");
            }
        }
    }

    /// <summary>Reads up to a buffer full from a descriptor that does not block; false if nothing is there now (EAGAIN).</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="count">How many; 0 at the end of the file.</param>
    /// <exception cref="LinuxException">read(2) failed.</exception>
    public bool TryRead(Span<byte> buffer, out int count)
    {
        try
        {
            count = Read(buffer);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EAGAIN)
        {
            count = 0;
            return false;
        }
    }

    /// <summary>Reads from here to the end of the file.</summary>
    /// <param name="limit">How many bytes there may be.</param>
    /// <exception cref="LinuxException">read(2) failed; EFBIG: there is more.</exception>
    public byte[] ReadToEnd(int limit = int.MaxValue)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            int count = Read(buffer.AsSpan(length));
            if (count == 0)
                return buffer.AsSpan(0, length).ToArray();
            length += count;
            if (length > limit)
                throw new LinuxException(Errno.EFBIG, $"read more than {limit} bytes");
            if (length == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
        }
    }

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="LinuxException">write(2) failed.</exception>
    public unsafe void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long count = (long)write(Number, pointer + done, bytes.Length - done);
                if (count >= 0)
                    done += (int)count;
                else
                    SystemCall.ThrowUnlessInterrupted("write");
            }
        }
    }

    /// <summary>Reads up to a buffer full from an offset in bytes, wherever the file position is; 0 at the end of the file.</summary>
    /// <exception cref="LinuxException">pread(2) failed.</exception>
    public unsafe int ReadAt(long offset, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                long count = (long)pread(Number, pointer, buffer.Length, offset);
                if (count >= 0)
                    return (int)count;
                SystemCall.ThrowUnlessInterrupted("pread");
            }
        }
    }

    /// <summary>Writes all bytes at an offset, wherever the file position is.</summary>
    /// <exception cref="LinuxException">pwrite(2) failed.</exception>
    public unsafe void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                long count = (long)pwrite(Number, pointer + done, bytes.Length - done, offset + done);
                if (count >= 0)
                    done += (int)count;
                else
                    SystemCall.ThrowUnlessInterrupted("pwrite");
            }
        }
    }

    /// <summary>Cuts or extends the file to a length in bytes.</summary>
    /// <exception cref="LinuxException">ftruncate(2) failed.</exception>
    public void Truncate(long length)
    {
        while (ftruncate(Number, length) != 0)
            SystemCall.ThrowUnlessInterrupted("ftruncate");
    }

    /// <summary>Sets the permissions, which the umask has no part in then.</summary>
    /// <exception cref="LinuxException">fchmod(2) failed.</exception>
    public void SetMode(UnixFileMode mode)
    {
        if (fchmod(Number, (mode_t)(uint)mode) != 0)
            throw new LinuxException(SystemCall.LastError, "fchmod");
    }

    /// <summary>What fstat(2) says.</summary>
    /// <exception cref="LinuxException">fstat(2) failed.</exception>
    public FileStatus Status() => FileStatus.Of(this);

    /// <summary>The magic number of the file system that holds the file (fstatfs(2) <c>f_type</c>).</summary>
    /// <exception cref="LinuxException">fstatfs(2) failed.</exception>
    public unsafe long FileSystemMagic()
    {
        // struct statfs (asm-generic/statfs.h) starts with the 64-bit f_type and is 120 bytes long.
        long* buffer = stackalloc long[32];
        return SystemCall.FStatFs(Number, buffer) == 0 ? buffer[0] : throw new LinuxException(SystemCall.LastError, "fstatfs");
    }

    /// <summary>A descriptor that somebody else closes: the standard streams.</summary>
    internal static FileDescriptor Borrow(int fd) => new(fd, owned: false);

    /// <summary>Takes over a descriptor that a call has just returned.</summary>
    internal static FileDescriptor Own(int fd) => new(fd, owned: true);

    protected override bool ReleaseHandle() => close((int)handle) == 0;

    private static unsafe Errno TryOpen(string path, OpenFlags flags, UnixFileMode mode, out FileDescriptor? file)
    {
        file = null;
        fixed (byte* pointer = SystemCall.Path(path))
        {
            while (true)
            {
                int fd = open(pointer, flags.ToKernel(), (mode_t)(uint)mode);
                if (fd >= 0)
                {
                    file = Own(fd);
                    return Errno.None;
                }
                if (!SystemCall.IsInterrupted)
                    return SystemCall.LastError;
            }
        }
    }
}
