namespace Cni;

/// <summary>How results are shaped; versions of one family differ in details only.</summary>
internal enum ResultFamily
{
    /// <summary>0.1.0 and 0.2.0: <c>ip4</c> and <c>ip6</c>.</summary>
    Ip4AndIp6,

    /// <summary>0.3.0, 0.3.1 and 0.4.0: a list <c>ips</c> whose members carry their <c>version</c>.</summary>
    VersionedIps,

    /// <summary>1.0.0 and 1.1.0.</summary>
    Ips,
}
