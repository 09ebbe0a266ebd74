using System.Globalization;
using System.Text;
using Linux.Files;

namespace Linux.Kernel;

/// <summary>The unit in which traffic control counts time, a tick: 64 ns since Linux 2.6.31, but the kernel says so itself.</summary>
public static class PacketSchedulerClock
{
    private const string Path = "/proc/net/psched";

    /// <summary>Ticks in a microsecond.</summary>
    /// <exception cref="LinuxException">The kernel has no packet scheduler, or /proc is not mounted.</exception>
    public static double ReadTicksPerMicrosecond()
    {
        using FileDescriptor file = FileDescriptor.Open(Path, OpenFlags.ReadOnly);
        return Parse(Encoding.ASCII.GetString(file.ReadToEnd()));
    }

    // psched_show, net/sched/sch_api.c; four numbers of 8 hexadecimal digits:
    //   nanoseconds in a microsecond, nanoseconds in a tick, resolution of the clock in 1/s, ...
    internal static double Parse(string text)
    {
        Span<uint> numbers = stackalloc uint[3];
        int count = 0;
        foreach (Range field in text.AsSpan().Split(' '))
        {
            if (count == numbers.Length)
                break;
            if (!uint.TryParse(text.AsSpan(field), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out numbers[count++]))
                break;
        }
        if (count < numbers.Length || numbers[1] == 0)
            throw new LinuxException(Errno.ENODATA, $"read the length of a tick of {Path}");
        return (double)numbers[0] / numbers[1] * (numbers[2] / 1e6);
    }
}
