using Cni;
using Datapath.Attachments;
using Datapath.Links;

namespace Plugins.Ipam;

/// <summary>
/// Who gives the addresses of an interface plugin: what that one asks of it beside the protocol's verbs. By default all is as for a plugin
/// of another make, of which nothing is known.
/// </summary>
internal interface IIpamPlugin : ICniPlugin
{
    /// <summary>
    /// Whether addresses can be taken before the link exists. Not from a foreign plugin: calling it a second time for an attachment that
    /// exists could cost that one its addresses.
    /// </summary>
    bool MayComeFirst => false;

    /// <summary>Whether others may have had the addresses a moment ago, so that neighbours know them under another MAC.</summary>
    bool MayBeKnown => true;

    /// <summary>
    /// Whether addresses are given back through the pod's interface, so that it must still be there: a DHCP server is told through it, ours
    /// or not. Our daemon takes the address from the interface before it tells.
    /// </summary>
    bool ReleasesThroughLink => false;

    /// <summary>Begins the ADD of an interface plugin, before anything is made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="tag">Of the attachment.</param>
    /// <returns>What the thread that makes the link is to tell, and to be told.</returns>
    /// <exception cref="CniException">The configuration is wrong.</exception>
    PendingVeth Begin(CniInvocation call, AttachmentTag tag) => new();

    /// <summary>Begins the DEL of an interface plugin, before anything is removed.</summary>
    void BeginDel(CniInvocation del, AttachmentTag tag)
    {
    }

    /// <summary>Whether a failure of ADD says that nothing was taken, so that nothing need be given back.</summary>
    bool IsRefusal(Exception failure) => false;

    /// <summary>Takes back what the ADD was given, and ends it.</summary>
    void Undo(CniInvocation call)
    {
        // As the specification wants: what a plugin that failed has left is known to it alone.
        using CniInvocation del = call.As(CniVerb.Del);
        Del(del);
    }

    /// <summary>Ends what <see cref="Begin"/> began. Killed from now on, the ADD counts as answered.</summary>
    void End()
    {
    }
}
