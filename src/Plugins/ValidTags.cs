using Cni;

namespace Plugins;

/// <summary>What a GC spares: everything that is not of its network, and the attachments that the runtime has named.</summary>
internal sealed class ValidTags
{
    private readonly string _networkPrefix;
    private readonly HashSet<string> _valid;

    public ValidTags(CniInvocation call)
    {
        Call = call;
        _networkPrefix = AttachmentTag.NetworkPrefix(call.Network);
        _valid = [.. call.ValidAttachments.Select(attachment =>
            new AttachmentTag(call.Network, attachment.ContainerId, attachment.IfName).Text)];
    }

    /// <summary>The GC.</summary>
    public CniInvocation Call { get; }

    /// <summary>Whether something with this alias or comment belongs to an attachment of the network that is no longer valid.</summary>
    public bool IsGarbage(string? text) =>
        text is not null
        && AttachmentTag.Find(text) is { } tag
        && tag.StartsWith(_networkPrefix, StringComparison.Ordinal)
        && !_valid.Contains(tag);
}
