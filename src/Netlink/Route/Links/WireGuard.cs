namespace Netlink.Route.Links;

/// <summary>
/// A tunnel that encrypts IP packets to many hosts, without Ethernet. Its keys and peers are set by
/// <see href="https://www.wireguard.com/xplatform/">generic netlink</see>, so it has no attributes here.
/// </summary>
public sealed record WireGuardSpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Kind => WireGuardLink.Kind;
}

/// <summary>WireGuard's tunnels as links; they need Linux 5.6.</summary>
public static class WireGuardLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "wireguard";
}
