namespace Netlink.Route.Addresses;

/// <summary>Attributes of address messages. Source: linux/if_addr.h.</summary>
internal static class AddressAttribute
{
    /// <summary>IFA_ADDRESS: the same as IFA_LOCAL, or the other end of a point-to-point link.</summary>
    public const ushort Address = 1;

    /// <summary>IFA_LOCAL: the interface's own address.</summary>
    public const ushort Local = 2;

    /// <summary>IFA_LABEL.</summary>
    public const ushort Label = 3;

    /// <summary>IFA_BROADCAST.</summary>
    public const ushort Broadcast = 4;

    /// <summary>IFA_FLAGS: all 32 bits of what ifa_flags has room for 8 of.</summary>
    public const ushort Flags = 8;
}
