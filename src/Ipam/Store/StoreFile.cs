using Linux;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// An open file of a store. Whatever was put in its place, opening it never waits: a pipe, a device or a link is refused by name, and so
/// is a file that is longer than any store's.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    // Above the largest network that one node holds.
    private const long MaxLength = 1L << 30;

    private const OpenFlags ReadFlags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking;
    private const OpenFlags Flags = OpenFlags.ReadWrite | OpenFlags.NoFollow | OpenFlags.NonBlocking;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private StoreFile(FileDescriptor descriptor, FileStatus status)
    {
        Descriptor = descriptor;
        Status = status;
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>What it was when it was opened.</summary>
    public FileStatus Status { get; }

    public long Length => Status.Size;

    /// <summary>Opens a file, which is made if absent.</summary>
    /// <exception cref="IpamException">StoreBroken: it is no regular file, or too long.</exception>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static StoreFile Open(string path) =>
        TryOpen(path, Flags | OpenFlags.Create) ?? throw new LinuxException(Errno.ENOENT, $"open {path}");

    /// <summary>Opens a file; null if there is none.</summary>
    /// <inheritdoc cref="Open"/>
    public static StoreFile? TryOpen(string path) => TryOpen(path, Flags);

    /// <summary>Opens a file that is not to be written; null if there is none.</summary>
    /// <inheritdoc cref="Open"/>
    public static StoreFile? TryRead(string path) => TryOpen(path, ReadFlags);

    /// <summary>Opens a file that is empty, whatever a killed process left of it.</summary>
    /// <inheritdoc cref="Open"/>
    public static StoreFile Make(string path) =>
        TryOpen(path, Flags | OpenFlags.Create | OpenFlags.Truncate) ?? throw new LinuxException(Errno.ENOENT, $"open {path}");

    /// <summary>The whole file.</summary>
    /// <exception cref="LinuxException">pread(2) failed.</exception>
    public byte[] ReadAll()
    {
        byte[] bytes = new byte[Length];
        int count = ReadAt(0, bytes);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>Fills a buffer from an offset, as far as the file goes.</summary>
    /// <returns>How many bytes there were.</returns>
    /// <exception cref="LinuxException">pread(2) failed.</exception>
    public int ReadAt(long offset, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && Descriptor.ReadAt(offset + done, buffer[done..]) is var count and > 0)
            done += count;
        return done;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static StoreFile? TryOpen(string path, OpenFlags flags)
    {
        FileDescriptor? descriptor;
        try
        {
            descriptor = FileDescriptor.TryOpen(path, flags, OwnerOnly);
        }
        catch (LinuxException e) when (e.Errno == Errno.ELOOP)
        {
            throw Odd(path, "a symbolic link", e);
        }
        if (descriptor is null)
            return null;
        FileStatus status = descriptor.Status();
        if (status is { IsRegular: true, Size: <= MaxLength })
            return new StoreFile(descriptor, status);
        descriptor.Dispose();
        throw Odd(path, status.IsRegular ? $"{status.Size} bytes long" : "no regular file");
    }

    private static IpamException Odd(string path, string what, Exception? cause = null) => new(
        IpamErrorKind.StoreBroken,
        $"{path} is {what}, but a file of a lease store is a regular one of at most {MaxLength >> 20} MiB: remove it",
        cause);
}
