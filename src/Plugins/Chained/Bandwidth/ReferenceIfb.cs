using Cni;
using Linux;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;

namespace Plugins.Chained.Bandwidth;

/// <summary>The interface that the reference's bandwidth plugin shapes with what a container sends.</summary>
internal static class ReferenceIfb
{
    private const string Prefix = "bwp";
    private const int Digits = 12;

    /// <summary>Its name, which all interfaces of a container in one network share.</summary>
    public static string NameOf(string network, string containerId)
    {
        // Hashed without a separator, unlike our own names (getIfbDeviceName, containernetworking/plugins, plugins/meta/bandwidth).
        return Prefix + Sha512.HexPrefix(Digits, network + containerId);
    }

    /// <summary>
    /// Deletes those to which no filter leads any more: their pods are gone, whatever network they were of, which their names do not tell.
    /// </summary>
    /// <param name="call">Names the attachments that are spared in any case.</param>
    /// <param name="host">The host's links.</param>
    /// <param name="ifbs">Its interfaces of kind ifb.</param>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public static void DeleteOrphans(CniInvocation call, RouteClient host, IEnumerable<Link> ifbs)
    {
        HashSet<string> valid = [.. call.ValidAttachments.Select(attachment => NameOf(call.Network, attachment.ContainerId))];
        List<Link> candidates = [.. ifbs.Where(link => IsComplete(host, link) && !valid.Contains(link.Name))];
        if (candidates.Count == 0)
            return;
        HashSet<int?> targets =
        [
            .. host.ListLinks(kind: VethLink.Kind).SelectMany(link => host.ListFilters(link.Index, TcHandle.IngressFilters))
                .SelectMany(static filter => filter.Actions).Select(static action => action.RedirectTarget),
        ];
        foreach (Link orphan in candidates.Where(link => !targets.Contains(link.Index)))
            _ = host.TryDeleteLink(orphan.Index);
    }

    /// <summary>
    /// Whether a link looks like one whose ADD has ended: the token bucket is the last that the reference's ADD makes, behind the filter.
    /// One of ours has an alias.
    /// </summary>
    private static bool IsComplete(RouteClient host, Link link) =>
        link is { Alias: null }
        && link.Name.Length == Prefix.Length + Digits
        && link.Name.StartsWith(Prefix, StringComparison.Ordinal)
        && host.FindQdisc(link.Index, TcHandle.Root) is { Kind: "tbf" };
}
