namespace Dhcp.Messages;

/// <summary>Option codes of DHCPv4 (RFC 2132 unless another is named).</summary>
internal static class DhcpOption
{
    public const byte Pad = 0;
    public const byte SubnetMask = 1;
    public const byte Routers = 3;
    public const byte DomainNameServers = 6;
    public const byte DomainName = 15;

    /// <summary>Routes to networks by their class; not used any more where 121 is understood.</summary>
    public const byte StaticRoutes = 33;

    public const byte RequestedAddress = 50;
    public const byte LeaseTime = 51;

    /// <summary>Whether the fields <c>file</c> and <c>sname</c> hold options.</summary>
    public const byte Overload = 52;

    public const byte MessageType = 53;
    public const byte ServerIdentifier = 54;
    public const byte ParameterRequestList = 55;
    public const byte MaxMessageSize = 57;
    public const byte RenewalTime = 58;
    public const byte RebindingTime = 59;
    public const byte ClientIdentifier = 61;

    /// <summary>RFC 3397.</summary>
    public const byte DomainSearch = 119;

    /// <summary>RFC 3442.</summary>
    public const byte ClasslessRoutes = 121;

    public const byte End = 255;
}
