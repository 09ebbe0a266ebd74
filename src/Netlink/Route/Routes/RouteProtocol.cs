namespace Netlink.Route.Routes;

/// <summary>Who made a route or a rule; numbers from 5 on are free for programs. Source: linux/rtnetlink.h.</summary>
public enum RouteProtocol : byte
{
    /// <summary>RTPROT_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>RTPROT_REDIRECT: an ICMP redirect.</summary>
    Redirect = 1,

    /// <summary>RTPROT_KERNEL: the kernel, for an address.</summary>
    Kernel = 2,

    /// <summary>RTPROT_BOOT: what ip uses unless told otherwise.</summary>
    Boot = 3,

    /// <summary>RTPROT_STATIC: an administrator.</summary>
    Static = 4,

    /// <summary>RTPROT_RA: a router advertisement.</summary>
    RouterAdvertisement = 9,
}
