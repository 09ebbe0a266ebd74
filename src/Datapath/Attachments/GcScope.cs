using Cni;

namespace Datapath.Attachments;

/// <summary>What a clean-up spares: everything that is not of its network, and the attachments that are in use.</summary>
public sealed class GcScope
{
    private readonly string _networkPrefix;
    private readonly HashSet<string> _tags;
    private readonly bool _areValid;

    /// <summary>What a GC spares: the attachments that the runtime has named.</summary>
    public GcScope(CniInvocation call)
        : this(
            call,
            call.ValidAttachments.Select(attachment => new AttachmentTag(call.Network, attachment.ContainerId, attachment.IfName).Text),
            areValid: true)
    {
    }

    private GcScope(CniInvocation call, IEnumerable<string> tags, bool areValid)
    {
        Call = call;
        _networkPrefix = AttachmentTag.NetworkPrefix(call.Network);
        _tags = [.. tags];
        _areValid = areValid;
    }

    /// <summary>The call that cleans up.</summary>
    public CniInvocation Call { get; }

    /// <summary>What the reclaim of dead attachments spares: everybody else.</summary>
    public static GcScope AllBut(CniInvocation call, IEnumerable<string> deadTags) => new(call, deadTags, areValid: false);

    /// <summary>Whether something with this alias or comment belongs to an attachment of the network that is no longer valid.</summary>
    public bool IsGarbage(string? text) =>
        text is not null
        && AttachmentTag.Find(text) is { } tag
        && tag.StartsWith(_networkPrefix, StringComparison.Ordinal)
        && _tags.Contains(tag) != _areValid;
}
