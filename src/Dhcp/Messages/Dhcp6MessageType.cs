namespace Dhcp.Messages;

/// <summary>Messages of DHCPv6 (RFC 8415, 7.3).</summary>
internal enum Dhcp6MessageType : byte
{
    Solicit = 1,
    Advertise = 2,
    Request = 3,
    Confirm = 4,
    Renew = 5,
    Rebind = 6,
    Reply = 7,
    Release = 8,
}
