namespace Plugins.Configuration;

/// <summary>Transport protocols whose ports can be published (IPPROTO_*, linux/in.h).</summary>
internal enum PortProtocol : byte
{
    /// <summary>IPPROTO_TCP.</summary>
    Tcp = 6,

    /// <summary>IPPROTO_UDP.</summary>
    Udp = 17,

    /// <summary>IPPROTO_SCTP.</summary>
    Sctp = 132,
}
