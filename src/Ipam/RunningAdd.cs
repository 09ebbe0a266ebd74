using System.Buffers.Binary;
using Linux;
using Linux.Files;

namespace Ipam;

/// <summary>
/// The mark of an ADD that is running: a file in the directory of the network's leases, named after the attachment, which the process
/// holds locked until it ends. It goes when the ADD has succeeded or is undone. So whoever finds it locked sees an ADD in flight, and
/// whoever finds it unlocked sees what was left by one that was killed before it could answer.
/// </summary>
/// <remarks>
/// The file holds a random number, which the lease holds, too. An ADD that takes over a mark which was left keeps the number: until it
/// gives a lease of its own, it must remain evident whose lease was left. A lease with another number is that of an ADD that did answer;
/// one that was killed later had nothing to do with it.
/// </remarks>
public sealed class RunningAdd : IDisposable
{
    private const string Prefix = "adding-";

    private readonly string _path;
    private readonly FileLock _lock;

    private RunningAdd(string path, FileLock held, ulong id, bool wasLeft) => (_path, _lock, Id, WasLeft) = (path, held, id, wasLeft);

    /// <summary>
    /// Tells the leases of this ADD, and of killed ones before it whose mark it has taken over, from all others; never 0.
    /// </summary>
    public ulong Id { get; }

    /// <summary>Whether an ADD of the attachment has been killed before.</summary>
    public bool WasLeft { get; }

    /// <summary>Marks an ADD as running; the directory is made if absent.</summary>
    /// <param name="directory">Of the network's leases.</param>
    /// <param name="name">Of the attachment, as part of a file name.</param>
    /// <param name="patience">How long to wait for another ADD or DEL of the attachment.</param>
    /// <exception cref="IpamException">AttachmentBusy: the other one runs on. StoreBroken: no file can be made.</exception>
    public static RunningAdd Begin(string directory, string name, TimeSpan patience)
    {
        string path = PathOf(directory, name);
        try
        {
            while (true)
            {
                FileLock held = Acquire(directory, path, patience);
                if (TryAdopt(path, held, create: true) is { } add)
                    return add;
            }
        }
        catch (TimeoutException e)
        {
            throw Busy(e);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new IpamException(IpamErrorKind.StoreBroken, $"lease store in {directory}: {e.Message}", e);
        }
    }

    /// <summary>Takes over the mark that an ADD has left, after waiting for one that is running; null if there is none.</summary>
    /// <inheritdoc cref="Begin"/>
    public static RunningAdd? TakeOver(string directory, string name, TimeSpan patience)
    {
        string path = PathOf(directory, name);
        try
        {
            while (FileStatus.TryGet(path) is not null)
            {
                FileLock held = FileLock.AcquireExisting(path, patience);
                if (TryAdopt(path, held, create: false) is { } add)
                    return add;
            }
            return null;
        }
        catch (TimeoutException e)
        {
            throw Busy(e);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
        catch (LinuxException e)
        {
            throw new IpamException(IpamErrorKind.StoreBroken, $"lease store in {directory}: {e.Message}", e);
        }
    }

    /// <summary>Whether an ADD of an attachment is running, or the number of one that was killed; null if neither.</summary>
    /// <param name="directory">Of the network's leases.</param>
    /// <param name="name">Of the attachment.</param>
    /// <exception cref="LinuxException">The mark cannot be read.</exception>
    public static (bool IsRunning, ulong Killed)? Find(string directory, string name)
    {
        string path = PathOf(directory, name);
        try
        {
            if (FileStatus.TryGet(path) is null)
                return null;
            // Shared, so that two who look do not take each other for an ADD. An ADD that ends meanwhile must not find its mark made anew.
            using FileLock held = FileLock.AcquireExistingShared(path, TimeSpan.Zero);
            using RunningAdd? left = TryAdopt(path, held, create: false);
            return left is null ? null : (false, left.Id);
        }
        catch (TimeoutException)
        {
            return (true, 0);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>The names of the attachments whose ADDs are running or were killed.</summary>
    /// <param name="directory">Of the network's leases.</param>
    public static IEnumerable<string> List(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, Prefix + "*").Select(static path => Path.GetFileName(path)[Prefix.Length..])
        : [];

    /// <summary>Removes the mark of an ADD that was killed, once nothing of it is left; that of one that is running stays.</summary>
    /// <param name="directory">Of the network's leases.</param>
    /// <param name="name">Of the attachment.</param>
    /// <exception cref="IpamException">StoreBroken: the file cannot be removed.</exception>
    public static void Forget(string directory, string name)
    {
        try
        {
            using RunningAdd? left = TakeOver(directory, name, TimeSpan.Zero);
            left?.End();
        }
        catch (IpamException e) when (e.Kind == IpamErrorKind.AttachmentBusy)
        {
            // Its own end will remove it.
        }
    }

    /// <summary>Removes the mark: the ADD counts as answered from now on, or as undone.</summary>
    /// <exception cref="IpamException">StoreBroken: the file cannot be removed.</exception>
    public void End()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IpamException(IpamErrorKind.StoreBroken, $"{_path}: {e.Message}", e);
        }
        Dispose();
    }

    /// <summary>Unlocks the mark, which says from now on that the ADD was killed, unless it has ended.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileLock Acquire(string directory, string path, TimeSpan patience)
    {
        try
        {
            return FileLock.Acquire(path, patience);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            // Another ADD may make it at the same time.
            OwnerDirectory.Create(directory);
            return FileLock.Acquire(path, patience);
        }
    }

    /// <summary>The lock may be on a file that had just been removed by the one who had it locked before.</summary>
    private static RunningAdd? TryAdopt(string path, FileLock held, bool create)
    {
        FileStatus status = held.File.Status();
        if (status.LinkCount == 0)
        {
            held.Dispose();
            return null;
        }
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        if (status.Size >= number.Length && held.File.ReadAt(0, number) == number.Length)
            return new RunningAdd(path, held, BinaryPrimitives.ReadUInt64LittleEndian(number), wasLeft: true);
        ulong id = 0;
        if (create)
        {
            id = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
            BinaryPrimitives.WriteUInt64LittleEndian(number, id);
            held.File.WriteAt(0, number);
        }
        return new RunningAdd(path, held, id, wasLeft: !create);
    }

    private static string PathOf(string directory, string name) => Path.Combine(directory, Prefix + name);

    private static IpamException Busy(TimeoutException e) => new(
        IpamErrorKind.AttachmentBusy,
        $"another ADD or DEL of this container's interface is running, and nothing of it was touched ({e.Message}); try again when it has "
        + "ended",
        e);
}
