using System.Text;
using Linux.Files;

namespace Linux.Kernel;

/// <summary>
/// Kernel settings under /proc/sys. Keys use '/' between their parts (<c>net/ipv4/conf/eth0/arp_notify</c>), since interface names
/// may hold dots. Keys under <c>net</c> belong to the calling thread's network namespace.
/// </summary>
public static class Sysctl
{
    /// <summary>The value without its trailing newline; null if this kernel or namespace has no such key.</summary>
    /// <exception cref="LinuxException">It exists and cannot be read.</exception>
    public static string? TryRead(string key)
    {
        using FileDescriptor? file = FileDescriptor.TryOpen(PathOf(key), OpenFlags.ReadOnly);
        return file is null ? null : Encoding.UTF8.GetString(file.ReadToEnd()).TrimEnd('\n');
    }

    /// <summary>Sets a key.</summary>
    /// <exception cref="LinuxException">It does not exist, or refuses the value.</exception>
    public static void Write(string key, string value)
    {
        try
        {
            using FileDescriptor file = FileDescriptor.Open(PathOf(key), OpenFlags.WriteOnly);
            file.Write(Encoding.UTF8.GetBytes(value));
        }
        catch (LinuxException e)
        {
            throw new LinuxException(e.Errno, $"set sysctl {key}={value}", e);
        }
    }

    /// <summary>Sets a key if that can be done: for settings that improve things and are not worth a failed pod.</summary>
    public static bool TryWrite(string key, string value)
    {
        try
        {
            Write(key, value);
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private static string PathOf(string key) => "/proc/sys/" + key;
}
