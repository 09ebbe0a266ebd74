namespace Plugins.Chained.Firewall;

/// <summary>Which other pods of the node may reach a pod.</summary>
internal enum IngressPolicy
{
    /// <summary><c>open</c>: all.</summary>
    Open,

    /// <summary><c>same-bridge</c>: those on its own bridge.</summary>
    SameBridge,

    /// <summary><c>isolated</c>: none.</summary>
    Isolated,
}
