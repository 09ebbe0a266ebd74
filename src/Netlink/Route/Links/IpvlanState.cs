namespace Netlink.Route.Links;

/// <summary>What an ipvlan says of itself.</summary>
public sealed record IpvlanState
{
    /// <summary>IFLA_IPVLAN_MODE.</summary>
    public IpvlanMode Mode { get; init; }

    /// <summary>IFLA_IPVLAN_FLAGS.</summary>
    public IpvlanFlags Flags { get; init; }
}
