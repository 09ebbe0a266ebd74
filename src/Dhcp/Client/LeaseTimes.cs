namespace Dhcp.Client;

/// <summary>When a lease has to be seen to, all in time since the kernel's boot.</summary>
/// <param name="Since">When it was given or renewed.</param>
/// <param name="Renew">T1: from then on its server is asked to extend it.</param>
/// <param name="Rebind">T2: from then on any server is.</param>
/// <param name="Expiry">When the address is lost.</param>
internal readonly record struct LeaseTimes(TimeSpan Since, TimeSpan Renew, TimeSpan Rebind, TimeSpan Expiry)
{
    /// <summary>The seconds that stand for "for ever" in both protocols (RFC 2131, 3.3; RFC 8415, 7.7).</summary>
    public const uint Infinity = uint.MaxValue;

    // What no server in earnest gives would keep the daemon busy.
    private const uint MinSeconds = 4;

    /// <summary>Whether the lease never ends.</summary>
    public bool IsInfinite => Expiry == TimeSpan.MaxValue;

    /// <summary>Times from what a server says; what contradicts itself is replaced by the defaults.</summary>
    /// <param name="since">Now.</param>
    /// <param name="lease">Seconds until the expiry.</param>
    /// <param name="renew">Seconds until T1; null or 0 for the default.</param>
    /// <param name="rebind">Seconds until T2; null or 0 for the default.</param>
    /// <param name="defaults">T1 and T2 as parts of the lease's time.</param>
    public static LeaseTimes From(TimeSpan since, uint lease, uint? renew, uint? rebind, (double Renew, double Rebind) defaults)
    {
        if (lease == Infinity)
            return new LeaseTimes(since, TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue);
        lease = Math.Max(lease, MinSeconds);
        double t2 = rebind is { } second and > 0 && second < lease ? second : lease * defaults.Rebind;
        double t1 = renew is { } first and > 0 && first <= t2 ? first : Math.Min(lease * defaults.Renew, t2);
        return new LeaseTimes(
            since, since + TimeSpan.FromSeconds(t1), since + TimeSpan.FromSeconds(t2), since + TimeSpan.FromSeconds(lease));
    }
}
