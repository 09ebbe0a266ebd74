using Ipam;

namespace Datapath.Attachments;

/// <summary>Whether the attachment that a comment of ours names is alive.</summary>
public static class ElementOwner
{
    /// <inheritdoc cref="AttachmentLiveness.OfComment"/>
    /// <remarks>Each time with new eyes: a namespace that came after they were opened would not be seen.</remarks>
    public static bool IsAlive(string comment) => new AttachmentLiveness().OfComment(comment) != Liveness.Dead;

    /// <summary>For messages: network, container and interface that a comment of ours names, or the comment if they did not fit.</summary>
    public static string Describe(string? comment) => AttachmentTag.NamesIn(comment ?? "") is var (network, containerId, ifName)
        ? $"network {network}, container {containerId}, interface {ifName}"
        : comment ?? "nobody";
}
