using Linux.Files;
using static Tmds.Linux.LibC;

namespace Linux.Processes;

/// <summary>A flag that one thread raises and another waits for like for any descriptor (eventfd(2)).</summary>
public sealed class EventDescriptor : IDisposable
{
    private const int CounterSize = sizeof(ulong);

    private EventDescriptor(FileDescriptor file) => File = file;

    /// <summary>Readable while the flag is raised.</summary>
    public FileDescriptor File { get; }

    /// <summary>A flag that is not raised.</summary>
    /// <exception cref="LinuxException">eventfd(2) failed.</exception>
    public static EventDescriptor Create()
    {
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return fd >= 0 ? new EventDescriptor(FileDescriptor.Own(fd)) : throw new LinuxException(SystemCall.LastError, "eventfd");
    }

    /// <summary>Raises the flag.</summary>
    /// <exception cref="LinuxException">write(2) failed.</exception>
    public void Raise() => File.Write(BitConverter.GetBytes(1UL));

    /// <summary>Lowers the flag.</summary>
    /// <exception cref="LinuxException">read(2) failed.</exception>
    public void Lower()
    {
        Span<byte> counter = stackalloc byte[CounterSize];
        _ = File.TryRead(counter, out _);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();
}
