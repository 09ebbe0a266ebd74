using Cni;
using Ipam;

namespace Plugins;

/// <summary>
/// The IPAM half of an ADD. Our own host-local and static work while another thread makes the link; a foreign plugin is executed only once the
/// link stands, since calling it a second time for an attachment that exists could cost that one its addresses.
/// </summary>
/// <param name="call">The ADD.</param>
/// <param name="ipam">Who gives the addresses.</param>
internal sealed class IpamAllocation(CniInvocation call, ICniPlugin ipam)
{
    private bool _mustRelease;

    /// <summary>Whether <see cref="Allocate"/> is safe before the link exists.</summary>
    public bool MayComeFirst => ipam is HostLocalPlugin or StaticPlugin;

    /// <summary>
    /// Whether others may have had the addresses a moment ago. Those that our own host-local chooses come round again when all others have been
    /// given.
    /// </summary>
    public bool MayBeKnown => ipam is not HostLocalPlugin { IsAskedForAddresses: false };

    /// <inheritdoc cref="IpamPlugin.ReleasesThroughLink"/>
    public bool ReleasesThroughLink => IpamPlugin.ReleasesThroughLink(ipam);

    /// <summary>To be called before anything is made.</summary>
    /// <param name="tag">Of the attachment.</param>
    /// <returns>What the thread that makes the link is to tell, and to be told.</returns>
    /// <exception cref="CniException">The configuration of our own host-local is wrong.</exception>
    /// <exception cref="IpamException">Another ADD of the attachment is running, or the leases cannot be written.</exception>
    public VethInTheMaking Begin(AttachmentTag tag) => ipam is HostLocalPlugin own ? own.Begin(call, tag) : new VethInTheMaking();

    /// <summary>Takes addresses; they are committed to the store when this returns.</summary>
    /// <exception cref="CniException">There are none.</exception>
    /// <exception cref="IpamException">Our own host-local has none to give.</exception>
    public CniResult Allocate()
    {
        // Whoever failed is told to release, as the specification wants: what it left is known to it alone. Also our own, whose store may fail
        // behind its commit; it gives back what this very ADD was given.
        _mustRelease = true;
        try
        {
            CniResult result = ipam.Add(call);
            return result.Ips.Count > 0
                ? result
                : throw new CniException(CniErrorCode.DelegateFailure, $"IPAM plugin {ipam.Type} returned missing IP config: its result has no ips");
        }
        catch (Exception e) when (e is IpamException { Kind: not IpamErrorKind.StoreBroken } || (e is CniException && ipam is HostLocalPlugin))
        {
            // A refusal, before anything was taken.
            _mustRelease = false;
            throw;
        }
    }

    /// <summary>Gives back whatever <see cref="Allocate"/> has taken.</summary>
    public void Release()
    {
        if (!_mustRelease)
        {
            End();
            return;
        }
        if (ipam is HostLocalPlugin own)
        {
            // Ends only if that succeeds: a lease that is left must be seen to be nobody's.
            own.Undo(call);
            return;
        }
        using CniInvocation del = call.As(CniVerb.Del);
        ipam.Del(del);
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    public void End() => (ipam as HostLocalPlugin)?.End();
}
