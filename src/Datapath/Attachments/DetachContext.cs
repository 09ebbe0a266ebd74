using Cni;
using Linux.Addresses;

namespace Datapath.Attachments;

/// <summary>An attachment that a DEL removes, as far as it is known.</summary>
/// <param name="Call">The DEL.</param>
/// <param name="Tag">Of the attachment.</param>
public sealed record DetachContext(CniInvocation Call, AttachmentTag Tag)
{
    /// <summary>The addresses that the attachment itself says it has; empty if it is gone, or says none.</summary>
    public IReadOnlyList<IpPrefix> Own { get; init; } = [];

    /// <summary>The result of the ADD as the runtime tells it, which may be out of date; null if it does not, or unreadably.</summary>
    public CniResult? Told => Call.ReadablePrevResult;
}
