using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>The interface of a name or an alternative name; null if there is none.</summary>
    /// <exception cref="NetlinkException">The name is no possible one (EINVAL, ERANGE).</exception>
    public Link? FindLink(string name) => FindLink(0, name, $"find link {name}");

    /// <summary>The interface of an index; null if there is none.</summary>
    public Link? FindLink(int index) => FindLink(index, name: null, $"find link {index}");

    /// <summary>All interfaces, or those of a kind (IFLA_INFO_KIND), or the ports of a master.</summary>
    /// <exception cref="NetlinkException">Links came and went throughout 20 attempts (EBUSY).</exception>
    public List<Link> ListLinks(string? kind = null, int? master = null)
    {
        NetlinkBatch request = new();
        LinkMessage.WriteDump(BeginGet(request, RouteMessageType.GetLink, GetFlags.Dump, "list links"), kind, master);
        request.End();
        // The kernel leaves a filter out when the kind's module is not loaded.
        return _socket.Get(
            request,
            (type, payload) => LinkParser.Parse(type, payload) is { } link
                && (kind is null || link.Kind == kind) && (master is null || link.MasterIndex == master) ? link : null);
    }

    /// <inheritdoc cref="RouteBatch.CreateLink"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void CreateLink(LinkSpec link, Errno tolerate = Errno.None) => Execute(new RouteBatch().CreateLink(link, tolerate));

    /// <inheritdoc cref="RouteBatch.SetLink"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void SetLink(int index, LinkChange change, Errno tolerate = Errno.None) =>
        Execute(new RouteBatch().SetLink(index, change, tolerate));

    /// <summary>Deletes an interface, of a veth both ends.</summary>
    /// <returns>False if there was none with that index.</returns>
    /// <exception cref="NetlinkException">The kernel refused for another reason.</exception>
    public bool TryDeleteLink(int index) => Succeeds(new RouteBatch().DeleteLink(index), Errno.ENODEV);

    /// <summary>Deletes the interface of a name or an alternative name, of a veth both ends.</summary>
    /// <returns>False if there was none.</returns>
    /// <exception cref="NetlinkException">The kernel refused for another reason.</exception>
    public bool TryDeleteLink(string name) => Succeeds(new RouteBatch().DeleteLink(name), Errno.ENODEV);

    private Link? FindLink(int index, string? name, OperationText description)
    {
        NetlinkBatch request = new();
        NetlinkWriter writer = BeginGet(request, RouteMessageType.GetLink, GetFlags.None, description);
        LinkMessage.WriteReference(writer, index, name);
        writer.WriteUInt32Attribute(LinkAttribute.ExtendedMask, ExtendedFilter.SkipStatistics);
        request.End();
        List<Link> found = _socket.Get(request, LinkParser.Parse, absent: Errno.ENODEV);
        return found.Count == 0 ? null : found[0];
    }

    private bool Succeeds(RouteBatch batch, Errno absent)
    {
        List<NetlinkException> refusals = TryExecute(batch);
        if (refusals.Count == 0)
            return true;
        return refusals[0].Errno == absent ? false : throw refusals[0];
    }
}
