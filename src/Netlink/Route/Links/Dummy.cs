namespace Netlink.Route.Links;

/// <summary>An interface that swallows what it is sent.</summary>
public sealed record DummySpec : LinkSpec
{
    internal override string Kind => "dummy";
}
