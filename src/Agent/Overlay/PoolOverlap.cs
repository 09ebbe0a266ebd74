using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>A route of the node that leads into a pool and is not the cluster's.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Route">The route's destination.</param>
/// <param name="Link">The interface that leads there; "" if there is none.</param>
internal sealed record PoolOverlap(IpPrefix Pool, IpPrefix Route, string Link)
{
    /// <summary>As people read it.</summary>
    public string Text => $"pool {Pool} overlaps with {Route} of this node's routes{(Link.Length > 0 ? $" (dev {Link})" : "")}";
}
