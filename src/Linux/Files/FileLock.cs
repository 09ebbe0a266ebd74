using Linux.Processes;

namespace Linux.Files;

/// <summary>An advisory lock (flock(2)) on a file of its own, held until disposed or until the process ends.</summary>
public sealed class FileLock : IDisposable
{
    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;

    private readonly FileDescriptor _file;

    private FileLock(FileDescriptor file) => _file = file;

    /// <summary>
    /// Locks a file against everybody else. It is created if absent (mode 0600 unless told); a symbolic link is not followed.
    /// </summary>
    /// <exception cref="TimeoutException">Another process held it for longer than <paramref name="timeout"/>.</exception>
    /// <exception cref="LinuxException">open(2) or flock(2) failed.</exception>
    public static FileLock Acquire(
        string path, TimeSpan timeout, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        Acquire(path, timeout, mode, LOCK_EX);

    /// <summary>Locks a file that must exist against everybody else, without writing to it: a namespace for example.</summary>
    /// <inheritdoc cref="Acquire(string, TimeSpan, UnixFileMode)"/>
    public static FileLock AcquireExisting(string path, TimeSpan timeout) =>
        Acquire(path, FileDescriptor.Open(path, OpenFlags.ReadOnly), timeout, LOCK_EX);

    /// <summary>Locks a file that must exist against those who want it for themselves, without writing to it.</summary>
    /// <inheritdoc cref="Acquire(string, TimeSpan, UnixFileMode)"/>
    public static FileLock AcquireExistingShared(string path, TimeSpan timeout) =>
        Acquire(path, FileDescriptor.Open(path, OpenFlags.ReadOnly), timeout, LOCK_SH);

    /// <summary>Locks a file against those who want it for themselves.</summary>
    /// <inheritdoc cref="Acquire(string, TimeSpan, UnixFileMode)"/>
    public static FileLock AcquireShared(
        string path, TimeSpan timeout, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        Acquire(path, timeout, mode, LOCK_SH);

    /// <summary>The file, open for reading, and for writing unless it had to exist.</summary>
    public FileDescriptor File => _file;

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// A link in the lock's place is refused, or others would lock what it leads to; nothing else there can keep the call waiting.
    /// </summary>
    private static FileLock Acquire(string path, TimeSpan timeout, UnixFileMode mode, int operation)
    {
        const OpenFlags Flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        return Acquire(path, FileDescriptor.Open(path, Flags, mode), timeout, operation);
    }

    private static FileLock Acquire(string path, FileDescriptor file, TimeSpan timeout, int operation)
    {
        Errno errno = Lock(file, operation | LOCK_NB);
        if (errno == Errno.EAGAIN && timeout == TimeSpan.Zero)
            file.Dispose();
        if (errno == Errno.EAGAIN && (timeout == TimeSpan.Zero || !TryWait(path, file, timeout, operation, out errno)))
            throw new TimeoutException($"lock {path}: another process has held it for {timeout.TotalSeconds:0.#} s");
        if (errno == Errno.None)
            return new FileLock(file);
        file.Dispose();
        throw new LinuxException(errno, $"lock {path}");
    }

    /// <summary>
    /// Waits in a thread of its own, because flock(2) knows no timeout. A thread that waited in vain is left behind, and gives back what it
    /// gets: as a rule the process is about to answer "try again later" and end.
    /// </summary>
    private static bool TryWait(string path, FileDescriptor file, TimeSpan timeout, int operation, out Errno errno)
    {
        Errno result = Errno.None;
        bool isAbandoned = false, hasEnded = false;
        Lock settled = new();
        Thread waiter;
        try
        {
            waiter = WorkerThread.Start(Wait);
        }
        catch (LinuxException e)
        {
            file.Dispose();
            throw new LinuxException(e.Errno, $"lock {path}, which another process holds: {e.Operation}", e);
        }
        _ = waiter.Join(timeout);
        bool ended;
        lock (settled)
        {
            isAbandoned = !hasEnded;
            ended = hasEnded;
        }
        errno = ended ? result : Errno.EAGAIN;
        return ended;

        void Wait()
        {
            result = Lock(file, operation);
            lock (settled)
            {
                hasEnded = true;
                if (isAbandoned)
                    file.Dispose();
            }
        }
    }

    private static Errno Lock(FileDescriptor file, int operation)
    {
        while (SystemCall.Flock(file.Number, operation) != 0)
        {
            if (!SystemCall.IsInterrupted)
                return SystemCall.LastError;
        }
        return Errno.None;
    }
}
