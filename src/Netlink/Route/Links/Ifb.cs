namespace Netlink.Route.Links;

/// <summary>
/// An interface that what a filter redirects to it passes through, so that a qdisc can shape what enters another interface.
/// </summary>
public sealed record IfbSpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Kind => IfbLink.Kind;
}

/// <summary>Ifbs; they have no attributes of their own.</summary>
public static class IfbLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "ifb";
}
