using System.Text;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Datapath.Iptables;

/// <summary>Tables of iptables-legacy (ip_tables.ko), which nobody can read or change over netlink.</summary>
public static class LegacyXtables
{
    /// <summary>The tables of the calling thread's network namespace, of both address families, each once.</summary>
    public static IReadOnlyList<string> Tables() => [.. Tables(IpFamily.IPv4).Union(Tables(IpFamily.IPv6))];

    /// <summary>The tables of the calling thread's network namespace of a family.</summary>
    public static IReadOnlyList<string> Tables(IpFamily family)
    {
        try
        {
            // Absent without the module.
            using FileDescriptor? file = FileDescriptor.TryOpen(
                $"/proc/thread-self/net/{(family.IsIPv6 ? "ip6" : "ip")}_tables_names", OpenFlags.ReadOnly);
            return file is null ? [] : Encoding.UTF8.GetString(file.ReadToEnd()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (LinuxException e) when (e.Errno == Errno.EACCES)
        {
            // Only the owner of the namespace may look.
            return [];
        }
    }
}
