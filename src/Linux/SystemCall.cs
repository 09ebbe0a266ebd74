using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux;

/// <summary>What every wrapper of a system call shares: errno, EINTR, paths as NUL-terminated UTF-8.</summary>
internal static partial class SystemCall
{
    /// <summary>The error of the call that this thread made last.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Whether a signal ended that call before it had done anything, so that it is to be made again.</summary>
    public static bool IsInterrupted => LastError == Errno.EINTR;

    /// <summary>What a call that has failed leads to, unless it is to be made again.</summary>
    /// <param name="operation">What was tried and on what.</param>
    /// <exception cref="LinuxException">It was not interrupted but refused.</exception>
    public static void ThrowUnlessInterrupted(string operation)
    {
        if (!IsInterrupted)
            throw new LinuxException(LastError, operation);
    }

    /// <summary>The path with its terminating NUL.</summary>
    /// <exception cref="LinuxException">ENOENT: the path holds a NUL, so no file can have that name.</exception>
    public static byte[] Path(string path)
    {
        if (path.Contains('\0'))
            throw new LinuxException(Errno.ENOENT, $"path {path.Replace("\0", "\\0", StringComparison.Ordinal)}");
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        _ = Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    /// <summary>What a link says (readlink(2)), up to 255 bytes; enough for the links in /proc that name a kind and a number.</summary>
    /// <returns>Why it cannot be read.</returns>
    public static unsafe Errno TryReadLink(string path, out string? target)
    {
        byte* buffer = stackalloc byte[255];
        fixed (byte* pointer = Path(path))
        {
            long length = (long)readlink(pointer, buffer, 255);
            target = length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
            return length < 0 ? LastError : Errno.None;
        }
    }

    // Calls that Tmds.LibC 0.5.0 lacks, ioctl with an argument of its own.
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static unsafe partial int FStatFs(int fd, void* buffer);

    /// <summary>poll(2); that of Tmds.LibC does not save errno.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static unsafe partial int Poll(pollfd* files, nuint count, int milliseconds);

    /// <summary>signal(2) of glibc; handlers are numbers here, since ours are SIG_DFL (0) and SIG_IGN (1) only.</summary>
    [LibraryImport("libc", EntryPoint = "signal")]
    internal static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, nint argument);

    /// <summary>syscall(2), for calls that libc has no function for.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Call(nint number, nint first, nint second, nint third, nint fourth);
}
