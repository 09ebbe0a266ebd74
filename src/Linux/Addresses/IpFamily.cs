namespace Linux.Addresses;

/// <summary>Which internet protocol an object belongs to. Source: bits/socket.h.</summary>
public enum IpFamily : byte
{
    /// <summary>AF_INET.</summary>
    IPv4 = 2,

    /// <summary>AF_INET6.</summary>
    IPv6 = 10,
}
