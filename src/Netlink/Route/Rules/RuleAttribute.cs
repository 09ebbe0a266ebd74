namespace Netlink.Route.Rules;

/// <summary>Attributes of rule messages. Source: linux/fib_rules.h.</summary>
internal static class RuleAttribute
{
    /// <summary>FRA_DST.</summary>
    public const ushort Destination = 1;

    /// <summary>FRA_SRC.</summary>
    public const ushort Source = 2;

    /// <summary>FRA_IIFNAME.</summary>
    public const ushort InputName = 3;

    /// <summary>FRA_PRIORITY.</summary>
    public const ushort Priority = 6;

    /// <summary>FRA_FWMARK.</summary>
    public const ushort Mark = 10;

    /// <summary>FRA_TABLE: all 32 bits of what the header has room for 8 of.</summary>
    public const ushort Table = 15;

    /// <summary>FRA_FWMASK.</summary>
    public const ushort MarkMask = 16;

    /// <summary>FRA_OIFNAME.</summary>
    public const ushort OutputName = 17;

    /// <summary>FRA_PROTOCOL.</summary>
    public const ushort Protocol = 21;
}
