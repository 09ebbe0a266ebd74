using Cni;

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

    /// <inheritdoc cref="IpamPlugin.ReleasesThroughLink"/>
    public bool ReleasesThroughLink => IpamPlugin.ReleasesThroughLink(ipam);

    /// <summary>Takes addresses; they are committed to the store when this returns.</summary>
    /// <exception cref="CniException">There are none.</exception>
    public CniResult Allocate()
    {
        // A foreign plugin is told to release even if it failed, as the specification wants: what it left is known to it alone. An
        // ADD of our own that failed has taken nothing, and what it refused to give again belongs to the live attachment.
        _mustRelease = !MayComeFirst;
        CniResult result = ipam.Add(call);
        _mustRelease = true;
        return result.Ips.Count > 0
            ? result
            : throw new CniException(CniErrorCode.DelegateFailure, $"IPAM plugin {ipam.Type} returned missing IP config: its result has no ips");
    }

    /// <summary>Gives back whatever <see cref="Allocate"/> has taken.</summary>
    public void Release()
    {
        if (!_mustRelease)
            return;
        using CniInvocation del = call.As(CniVerb.Del);
        ipam.Del(del);
    }
}
