using System.Text;
using Linux;
using Linux.Files;

namespace Ipam.Store;

/// <summary>Which machine this is, over its reboots.</summary>
public static class MachineIdentity
{
    private const int MaxLength = 256;

    /// <summary>
    /// The machine ID (machine-id(5)); where there is none, the host's name; empty where that is everybody's.
    /// </summary>
    public static string Read()
    {
        string id = ReadLine("/etc/machine-id");
        if (id.Length == 32 && id.All(char.IsAsciiHexDigit))
            return id;
        string name = ReadLine("/proc/sys/kernel/hostname");
        return name is "localhost" or "(none)" || name.Any(char.IsControl) ? "" : name;
    }

    /// <summary>The first line of a small file; empty if it cannot be read.</summary>
    internal static string ReadLine(string path)
    {
        try
        {
            using FileDescriptor? file = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
            if (file is null || !file.Status().IsRegular)
                return "";
            Span<byte> bytes = stackalloc byte[MaxLength];
            string text = Encoding.UTF8.GetString(bytes[..file.Read(bytes)]);
            return text.Split('\n')[0].Trim();
        }
        catch (LinuxException)
        {
            return "";
        }
    }
}
