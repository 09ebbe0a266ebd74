namespace Dhcp.Messages;

/// <summary>Option codes of DHCPv6 (RFC 8415, 21, unless another is named).</summary>
internal static class Dhcp6Option
{
    public const ushort ClientId = 1;
    public const ushort ServerId = 2;

    /// <summary>IA_NA: addresses that are not temporary.</summary>
    public const ushort IdentityAssociation = 3;

    /// <summary>IAADDR, inside an identity association.</summary>
    public const ushort Address = 5;

    public const ushort OptionRequest = 6;
    public const ushort ElapsedTime = 8;
    public const ushort StatusCode = 13;

    /// <summary>RFC 3646.</summary>
    public const ushort NameServers = 23;

    /// <summary>RFC 3646.</summary>
    public const ushort DomainSearch = 24;
}
