using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

/// <summary>
/// Requests that change links, addresses, routes, neighbours, rules and VLANs, sent in one datagram by <see cref="RouteClient"/>. The
/// kernel runs all of them in order, even behind one that it refused; so requests behind a creation should name the new link by an
/// index that the caller chose (<see cref="LinkSpec.Index"/>), never by its name, which may be somebody else's.
/// </summary>
public sealed partial class RouteBatch
{
    /// <summary>The number of requests.</summary>
    public int Count => Requests.Count;

    internal NetlinkBatch Requests { get; } = new();

    private NetlinkWriter Begin(ushort type, NewFlags flags, OperationText description, Errno tolerate) =>
        Requests.Begin(type, (ushort)((ushort)RequestFlags.Acknowledge | (ushort)flags), description, tolerate);

    private RouteBatch End()
    {
        Requests.End();
        return this;
    }
}
