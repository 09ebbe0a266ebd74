using Linux.Files;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Processes;

/// <summary>Waits for several descriptors at once (poll(2)).</summary>
public static class Readiness
{
    /// <summary>Waits until one of the descriptors can be read, or its other end is closed, or the time is over.</summary>
    /// <param name="files">The descriptors.</param>
    /// <param name="ready">Receives per descriptor whether it is ready.</param>
    /// <param name="timeout">How long to wait at most; null for as long as it takes.</param>
    /// <returns>Whether any is ready; false also when a signal came in between.</returns>
    /// <exception cref="LinuxException">EINVAL: there are more than the process may have open; ENOMEM.</exception>
    public static unsafe bool Wait(ReadOnlySpan<FileDescriptor> files, Span<bool> ready, TimeSpan? timeout)
    {
        pollfd[] entries = new pollfd[files.Length];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = new pollfd { fd = files[i].Number, events = POLLIN };
        // Rounded up: to wake before the time is over would mean to look again at once.
        int milliseconds = timeout is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        int count;
        fixed (pollfd* pointer = entries)
            count = SystemCall.Poll(pointer, (nuint)entries.Length, milliseconds);
        if (count < 0 && SystemCall.LastError is var errno && errno != Errno.EINTR)
            throw new LinuxException(errno, $"poll {entries.Length} descriptors");
        for (int i = 0; i < entries.Length; i++)
            ready[i] = count > 0 && entries[i].revents != 0;
        return count > 0;
    }
}
