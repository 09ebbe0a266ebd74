using System.Text;
using Linux;

namespace Plugins;

/// <summary>Tables of iptables-legacy (ip_tables.ko), which nobody can read or change over netlink.</summary>
internal static class LegacyXtables
{
    /// <summary>The tables of the calling thread's network namespace, of both address families, each once.</summary>
    public static IReadOnlyList<string> Tables() =>
        [.. Names("/proc/thread-self/net/ip_tables_names").Union(Names("/proc/thread-self/net/ip6_tables_names"))];

    private static string[] Names(string path)
    {
        try
        {
            // Absent without the module.
            using FileDescriptor? file = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly);
            return file is null ? [] : Encoding.UTF8.GetString(file.ReadToEnd()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (LinuxException e) when (e.Errno == Errno.EACCES)
        {
            // Only the owner of the namespace may look.
            return [];
        }
    }
}
