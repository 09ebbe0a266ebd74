namespace Linux.Files;

/// <summary>
/// Reads files that somebody else names or may put there. Opening a device can do things, opening a FIFO waits for a writer, and neither
/// need ever end: so only regular files are opened, nothing is waited for, and what is read has a bound.
/// </summary>
public static class PlainFile
{
    /// <summary>Reads a file as a whole; null if there is none (ENOENT, ENOTDIR).</summary>
    /// <param name="path">Its path.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="links">OpenFlags.NoFollow where nobody has a reason to put a link.</param>
    /// <exception cref="LinuxException">
    /// EISDIR, EINVAL: something else than a regular file is there; ELOOP: a link that is not followed; EFBIG: it is longer; others as
    /// open(2) and read(2) say.
    /// </exception>
    public static byte[]? TryRead(string path, int limit, OpenFlags links = OpenFlags.ReadOnly)
    {
        // Only a name, for which the kernel asks no driver; what it stands for is opened by that, whatever the path leads to by then.
        using FileDescriptor? name = FileDescriptor.TryOpen(path, OpenFlags.Path | (links & OpenFlags.NoFollow));
        if (name is null)
            return null;
        FileStatus status = name.Status();
        if (status.IsSymbolicLink)
            throw new LinuxException(Errno.ELOOP, $"read {path}, which is a symbolic link");
        if (!status.IsRegular)
            throw new LinuxException(status.IsDirectory ? Errno.EISDIR : Errno.EINVAL, $"read {path}, which is no regular file");
        if (status.Size > limit)
            throw new LinuxException(Errno.EFBIG, $"read {path}, which is longer than {limit} bytes");
        using FileDescriptor file = FileDescriptor.Open($"/proc/self/fd/{name.Number}", OpenFlags.ReadOnly | OpenFlags.NonBlocking);
        try
        {
            return file.ReadToEnd(limit);
        }
        catch (LinuxException e)
        {
            throw new LinuxException(e.Errno, $"read {path}", e);
        }
    }
}
