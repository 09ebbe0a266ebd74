using Cni;

namespace Plugins.Ipam;

/// <summary>The addresses of an ADD: what was taken, and whether it has to be given back.</summary>
/// <param name="call">The ADD.</param>
/// <param name="ipam">Who gives the addresses.</param>
internal sealed class IpamAllocation(CniInvocation call, IIpamPlugin ipam)
{
    private bool _mustRelease;

    /// <summary>Takes addresses; they are committed to the store when this returns.</summary>
    /// <exception cref="CniException">There are none.</exception>
    /// <exception cref="global::Ipam.IpamException">Our own host-local has none to give.</exception>
    public CniResult Allocate()
    {
        // Also our own is told, whose store may fail behind its commit; it gives back what this very ADD was given.
        _mustRelease = true;
        try
        {
            CniResult result = ipam.Add(call);
            return result.Ips.Count > 0
                ? result
                : throw new CniException(
                    CniErrorCode.DelegateFailure, $"IPAM plugin {ipam.Type} returned missing IP config: its result has no ips");
        }
        catch (Exception e) when (ipam.IsRefusal(e))
        {
            _mustRelease = false;
            throw;
        }
    }

    /// <summary>Gives back whatever <see cref="Allocate"/> has taken.</summary>
    public void Release()
    {
        if (_mustRelease)
            ipam.Undo(call);
        else
            ipam.End();
    }
}
