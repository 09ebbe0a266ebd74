using System.Runtime.InteropServices;
using System.Text;

namespace Linux;

/// <summary>What every wrapper of a system call shares: errno, EINTR, paths as NUL-terminated UTF-8.</summary>
internal static partial class SystemCall
{
    /// <summary>The error of the call that this thread made last.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

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

    // Calls that Tmds.LibC 0.5.0 lacks, ioctl with an argument of its own.
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static unsafe partial int FStatFs(int fd, void* buffer);

    /// <summary>signal(2) of glibc; handlers are numbers here, since ours are SIG_DFL (0) and SIG_IGN (1) only.</summary>
    [LibraryImport("libc", EntryPoint = "signal")]
    internal static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, nint argument);

    /// <summary>syscall(2), for calls that libc has no function for.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Call(nint number, nint first, nint second, nint third, nint fourth);
}
