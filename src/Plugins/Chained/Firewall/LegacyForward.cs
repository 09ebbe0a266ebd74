using Cni;
using Datapath.Iptables;
using Linux;
using Linux.Addresses;
using Linux.Files;
using Linux.Sockets;

namespace Plugins.Chained.Firewall;

/// <summary>
/// The two rules of <see cref="IptablesForward"/> in the filter table of iptables-legacy. It is touched only where it exists: a host that
/// has none drops nothing there, and looking for it would make it.
/// </summary>
/// <param name="family">Which of the two tables.</param>
/// <param name="mark">The bit.</param>
/// <param name="adminChain">The operators' chain.</param>
internal sealed class LegacyForward(IpFamily family, uint mark, string adminChain)
{
    private const string Filter = "filter";
    private const int NF_INET_FORWARD = 2; // linux/netfilter.h

    // What iptables-legacy holds while it reads a table and replaces it (iptables(8), -w).
    private const string LockFile = "/run/xtables.lock";

    // Each attempt fails only because somebody who does not lock has changed the table meanwhile.
    private const int Attempts = 10;

    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(30);

    private string Program => family.IsIPv6 ? "ip6tables-legacy" : "iptables-legacy";

    private string Rule => $"-m mark --mark 0x{mark:x}/0x{mark:x} -j ACCEPT";

    /// <summary>Those of the families of a pod's addresses.</summary>
    public static IEnumerable<LegacyForward> For(FirewallSettings settings, FirewallSubject subject) =>
        from family in subject.Addresses.Select(static address => address.Family).Distinct()
        select new LegacyForward(family, settings.Mark, settings.AdminChain);

    /// <summary>Puts the rules into the table if it is there and lacks them.</summary>
    /// <param name="findMark">Finds the bit that packets have been marked with; the rule of a former one goes.</param>
    /// <exception cref="CniException">The table cannot be read or changed: what it drops would cut the pod off.</exception>
    public void Ensure(Func<uint?> findMark)
    {
        if (!LegacyXtables.Tables(family).Contains(Filter))
            return;
        uint? former = findMark() is { } marked && marked != mark ? marked : null;
        try
        {
            using XtablesSocket tables = XtablesSocket.Open(family);
            if (FindMissing(new LegacyTable(family, tables.Read(Filter))) is null && former is null)
                return;
            using FileLock xtables = FileLock.Acquire(LockFile, s_lockTimeout);
            for (int attempt = 1; !TryChange(tables, former, isLast: attempt == Attempts); attempt++)
            {
            }
        }
        catch (LinuxException e)
        {
            throw Refused(CniErrorCode.KernelFailure, e);
        }
        catch (TimeoutException e)
        {
            throw Refused(CniErrorCode.TryAgainLater, e);
        }
    }

    /// <summary>Finds out whether the rules are in the table, if that is there.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: one is not.</exception>
    public void Check()
    {
        if (!LegacyXtables.Tables(family).Contains(Filter))
            return;
        try
        {
            using XtablesSocket tables = XtablesSocket.Open(family);
            if (FindMissing(new LegacyTable(family, tables.Read(Filter))) is { } missing)
                throw CniException.CheckFailed($"rule \"-A FORWARD {missing}\" of {Program} is missing; the next ADD restores it");
        }
        catch (LinuxException e)
        {
            throw Refused(CniErrorCode.KernelFailure, e);
        }
    }

    private bool TryChange(XtablesSocket tables, uint? former, bool isLast)
    {
        try
        {
            XtablesTable read = tables.Read(Filter);
            LegacyTable table = new(family, read);
            Change(table, former);
            byte[] counted = tables.Replace(table.Build(), read.Count);
            tables.AddCounters(Filter, table.Arrange(counted));
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EAGAIN && !isLast)
        {
            return false;
        }
    }

    private void Change(LegacyTable table, uint? former)
    {
        if (former is { } bit)
        {
            LegacyRule acceptFormer = LegacyRule.AcceptMarked(family, bit);
            foreach (LegacyRule rule in table.Chain(NF_INET_FORWARD).Where(acceptFormer.IsSameAs))
                table.Remove(rule);
        }
        if (FindMissing(table) is null)
            return;
        LegacyRule ask = LegacyRule.Jump(family, table.FindChain(adminChain) ?? table.AddChain(adminChain));
        LegacyRule accept = LegacyRule.AcceptMarked(family, mark);
        IReadOnlyList<LegacyRule> chain = table.Chain(NF_INET_FORWARD);
        LegacyRule? asks = chain.FirstOrDefault(ask.IsSameAs), accepts = chain.FirstOrDefault(accept.IsSameAs);
        if (accepts is null && asks is not null)
        {
            table.Insert(accept, before: chain.SkipWhile(rule => rule != asks).ElementAt(1));
            return;
        }
        if (accepts is null)
            table.Insert(accept, before: chain[0]);
        table.Insert(ask, before: accepts ?? accept);
    }

    private string? FindMissing(LegacyTable table)
    {
        List<LegacyRule> chain = [.. table.Chain(NF_INET_FORWARD)];
        int accept = chain.FindIndex(LegacyRule.AcceptMarked(family, mark).IsSameAs);
        if (accept < 0)
            return Rule;
        int ask = table.FindChain(adminChain) is { } first ? chain.FindIndex(LegacyRule.Jump(family, first).IsSameAs) : -1;
        return ask >= 0 && ask < accept ? null : $"-j {adminChain}";
    }

    private CniException Refused(CniErrorCode code, Exception e) => new(
        code,
        $"this host has a filter table of {Program}, which cannot be changed ({e.Message}); what it drops would cut pods off: "
            + $"run {Program} -N {adminChain}; {Program} -I FORWARD {Rule}; {Program} -I FORWARD -j {adminChain}, "
            + "or move its rules to iptables-nft",
        inner: e);
}
