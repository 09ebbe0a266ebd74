namespace Netlink.Route.Links;

/// <summary>An interface that what a filter redirects to it passes through, so that a qdisc can shape what enters another interface.</summary>
public sealed record IfbSpec : LinkSpec
{
    internal override string Kind => "ifb";
}
