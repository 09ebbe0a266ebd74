using System.Globalization;
using System.Text;
using Linux.Files;

namespace Linux.Kernel;

/// <summary>Which run of the kernel this is. Nothing that lives in network namespaces outlives it.</summary>
public static class KernelBoot
{
    /// <summary>The random UUID of this boot, 36 characters.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static string ReadId() => ReadText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>When this boot began, to the second (<c>btime</c> of /proc/stat).</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static DateTimeOffset ReadTime()
    {
        foreach (ReadOnlySpan<char> line in ReadText("/proc/stat").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("btime ", StringComparison.Ordinal))
                return DateTimeOffset.FromUnixTimeSeconds(long.Parse(line[6..], NumberStyles.None, CultureInfo.InvariantCulture));
        }
        throw new LinuxException(Errno.ENODATA, "read btime of /proc/stat");
    }

    private static string ReadText(string path)
    {
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadOnly);
        return Encoding.UTF8.GetString(file.ReadToEnd());
    }
}
