using Netlink.Route;

namespace Plugins;

/// <summary>Whether the attachment that a comment of ours names is alive: asked of the kernel and of the runtimes' result caches.</summary>
internal static class TagHolder
{
    /// <summary>
    /// Whether its host end exists and leads to a namespace, or where the interface was made by a plugin of another make, whether the runtime
    /// remembers a namespace for it that is still there.
    /// </summary>
    /// <param name="comment">Of an element; one without a tag is nobody's.</param>
    public static bool IsAlive(string comment)
    {
        if (AttachmentTag.Find(comment) is not { } tag)
            return false;
        using RouteClient host = RouteClient.Open();
        if (host.FindLink(AttachmentTag.HostInterfaceNameOf(tag)) is { } hostEnd)
            return hostEnd.PeerNamespaceId is not < 0;
        return AttachmentTag.NamesIn(comment) is var (network, containerId, ifName)
            && CachedResult.TryFind(network, containerId, ifName) is { HasNamespace: true };
    }

    /// <summary>For messages: network, container and interface that a comment of ours names, or the comment if they did not fit.</summary>
    public static string Describe(string? comment) => AttachmentTag.NamesIn(comment ?? "") is var (network, containerId, ifName)
        ? $"network {network}, container {containerId}, interface {ifName}"
        : comment ?? "nobody";
}
