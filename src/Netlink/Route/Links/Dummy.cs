namespace Netlink.Route.Links;

/// <summary>An interface that swallows what it is sent.</summary>
public sealed record DummySpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Kind => DummyLink.Kind;
}

/// <summary>Dummies; they have no attributes of their own.</summary>
public static class DummyLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "dummy";
}
