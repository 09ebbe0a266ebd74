using System.Text;
using Cni;
using Linux;

namespace Plugins;

/// <summary>
/// Tables of iptables-legacy (the ip_tables and ip6_tables modules). They are no part of nftables and out of netlink's reach; their
/// names are listed once a program has used them.
/// </summary>
internal static class LegacyTables
{
    /// <summary>Tells the operator that rules of the reference's may be left in a table.</summary>
    /// <param name="call">Whose DEL or GC it is.</param>
    /// <param name="table">The table that the plugin used: <c>nat</c>, <c>filter</c>.</param>
    public static void Warn(CniInvocation call, string table)
    {
        if (Lists("ip_tables_names", table) || Lists("ip6_tables_names", table))
        {
            call.Warn($"iptables-legacy has a {table} table here; what plugins of the reference left of {call.Network} in it cannot be removed over netlink: "
                + $"look for CNI- chains with 'iptables-legacy -t {table} -S', or reboot");
        }
    }

    private static bool Lists(string list, string table)
    {
        // Of the calling thread's network namespace, as everything that it does over netlink.
        using FileDescriptor? file = FileDescriptor.TryOpen($"/proc/thread-self/net/{list}", OpenFlags.ReadOnly);
        return file is not null && Encoding.ASCII.GetString(file.ReadToEnd()).Split('\n').Contains(table);
    }
}
