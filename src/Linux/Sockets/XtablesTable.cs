namespace Linux.Sockets;

/// <summary>A table of iptables-legacy.</summary>
/// <param name="Name">Its name: <c>filter</c>.</param>
/// <param name="ValidHooks">A bit for each hook that it has (NF_INET_*, linux/netfilter.h).</param>
/// <param name="HookEntries">By hook: where its chain begins, in bytes of the entries.</param>
/// <param name="Underflows">By hook: where its policy is.</param>
/// <param name="Count">How many entries there are.</param>
/// <param name="Entries">The entries (struct ipt_entry or ip6t_entry, with matches and target), one behind the other.</param>
public sealed record XtablesTable(string Name, uint ValidHooks, uint[] HookEntries, uint[] Underflows, int Count, byte[] Entries)
{
    /// <summary>NF_INET_NUMHOOKS.</summary>
    public const int Hooks = 5;

    /// <summary>Size of struct xt_counters.</summary>
    public const int CounterSize = 16;
}
