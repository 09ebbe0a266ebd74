using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Files;

/// <summary>What stat(2) says about a file.</summary>
/// <param name="Device">The device that holds it (st_dev).</param>
/// <param name="Inode">Its number there (st_ino).</param>
/// <param name="Mode">Type and permissions (st_mode).</param>
/// <param name="Size">Bytes (st_size).</param>
/// <param name="ModifiedAt">When its content changed last (st_mtim).</param>
public readonly record struct FileStatus(ulong Device, ulong Inode, uint Mode, long Size, DateTimeOffset ModifiedAt)
{
    private const uint TypeMask = 0xF000;

    /// <summary>How many names it has (st_nlink); 0 for a file that is open and was deleted.</summary>
    public long LinkCount { get; init; }

    /// <summary>S_ISREG.</summary>
    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    /// <summary>S_ISDIR.</summary>
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>S_ISLNK.</summary>
    public bool IsSymbolicLink => (Mode & TypeMask) == 0xA000;

    /// <summary>S_ISSOCK.</summary>
    public bool IsSocket => (Mode & TypeMask) == 0xC000;

    /// <summary>Whether both are one file, under whatever names.</summary>
    public bool IsSameFileAs(FileStatus other) => Device == other.Device && Inode == other.Inode;

    /// <summary>The status of what a path leads to, links followed; null if nothing is there (ENOENT, ENOTDIR).</summary>
    /// <exception cref="LinuxException">stat(2) failed for another reason.</exception>
    public static unsafe FileStatus? TryGet(string path)
    {
        stat result;
        fixed (byte* pointer = SystemCall.Path(path))
        {
            if (stat(pointer, &result) == 0)
                return From(&result);
        }
        return SystemCall.LastError is Errno.ENOENT or Errno.ENOTDIR
            ? null
            : throw new LinuxException(SystemCall.LastError, $"stat {path}");
    }

    /// <summary>Whether the process may make files in a directory (access(2)); never on a read-only file system.</summary>
    public static unsafe bool IsWritableDirectory(string path)
    {
        if (TryGet(path) is not { IsDirectory: true })
            return false;
        fixed (byte* pointer = SystemCall.Path(path))
            return access(pointer, W_OK | X_OK) == 0;
    }

    internal static unsafe FileStatus Of(FileDescriptor file)
    {
        stat result;
        return fstat(file.Number, &result) == 0 ? From(&result) : throw new LinuxException(SystemCall.LastError, "fstat");
    }

    private static unsafe FileStatus From(stat* s) => new(
        (ulong)s->st_dev,
        (ulong)s->st_ino,
        (uint)s->st_mode,
        (long)s->st_size,
        DateTimeOffset.FromUnixTimeSeconds((long)s->st_mtim.tv_sec).AddTicks((long)s->st_mtim.tv_nsec / 100))
    {
        LinkCount = (long)(ulong)s->st_nlink,
    };
}
