namespace Plugins.Chained.Portmap;

/// <summary>Whose connections to a published port get the host's address as their source, so that the answers come back this way.</summary>
internal enum PortMasquerade
{
    /// <summary>Nobody's (<c>snat: false</c>).</summary>
    None,

    /// <summary>Those that the pod would answer directly: of its own subnet, itself included, and of the host's localhost.</summary>
    Neighbours,

    /// <summary>Everybody's (<c>masqAll</c>).</summary>
    All,
}
