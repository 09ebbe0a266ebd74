using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Files;

/// <summary>Makes directories whose permissions are those that are asked for, whatever umask the process was started with.</summary>
public static class OwnerDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode ReadableByAll = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// Makes a directory for its owner alone (0700), and those above it that are absent (0755). One that is there stays as it is.
    /// </summary>
    /// <exception cref="LinuxException">mkdir(2) or chmod(2) failed; ENOTDIR: something else is there.</exception>
    public static void Create(string path)
    {
        string directory = Path.TrimEndingDirectorySeparator(path);
        if (FileStatus.TryGet(directory) is { IsDirectory: true })
            return;
        if (!TryCreate(directory, OwnerOnly, out Errno errno)
            && errno == Errno.ENOENT && Path.GetDirectoryName(directory) is { Length: > 0 } parent)
        {
            CreateParents(parent);
            _ = TryCreate(directory, OwnerOnly, out errno);
        }
        ThrowUnlessThere(directory, errno);
    }

    /// <summary>Makes the directories of a path that are absent (0755).</summary>
    /// <inheritdoc cref="Create"/>
    public static void CreateParents(string path)
    {
        if (FileStatus.TryGet(path) is { IsDirectory: true })
            return;
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            CreateParents(parent);
        _ = TryCreate(path, ReadableByAll, out Errno errno);
        ThrowUnlessThere(path, errno);
    }

    private static void ThrowUnlessThere(string path, Errno errno)
    {
        if (errno == Errno.EEXIST && FileStatus.TryGet(path) is not { IsDirectory: true })
            errno = Errno.ENOTDIR;
        if (errno is not (Errno.None or Errno.EEXIST))
            throw new LinuxException(errno, $"make the directory {path}");
    }

    /// <summary>
    /// The umask can only take permissions away, so between the two calls the directory is never open to more than it shall be.
    /// </summary>
    private static unsafe bool TryCreate(string path, UnixFileMode mode, out Errno errno)
    {
        fixed (byte* pointer = SystemCall.Path(path))
        {
            bool done = mkdir(pointer, (mode_t)(uint)mode) == 0 && chmod(pointer, (mode_t)(uint)mode) == 0;
            errno = done ? Errno.None : SystemCall.LastError;
            return done;
        }
    }
}
