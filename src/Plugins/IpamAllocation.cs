using Cni;

namespace Plugins;

/// <summary>
/// The IPAM half of an ADD. Our own host-local works on the other core while the link is made; a foreign plugin is executed only once
/// the link stands, since calling it a second time for an attachment that exists could cost that one its addresses.
/// </summary>
internal sealed class IpamAllocation
{
    private readonly CniInvocation _call;
    private readonly ICniPlugin _ipam;
    private readonly BackgroundWork<CniResult>? _work;

    private IpamAllocation(CniInvocation call, ICniPlugin ipam, UndoStack undo)
    {
        _call = call;
        _ipam = ipam;
        if (ipam is not HostLocalPlugin)
            return;
        _work = BackgroundWork<CniResult>.Start(() => ipam.Add(call));
        undo.Push("release addresses", () =>
        {
            // An ADD of host-local that failed has taken nothing; what it refused to give again belongs to the live attachment.
            if (_work.Wait())
                Release();
        });
    }

    /// <summary>Starts, as far as that is safe before the link exists.</summary>
    /// <param name="call">The ADD.</param>
    /// <param name="ipamType">Its <c>ipam.type</c>.</param>
    /// <param name="veth">The link that the ADD is about to make.</param>
    /// <param name="undo">Gives back what is taken.</param>
    public static IpamAllocation Begin(CniInvocation call, string ipamType, VethInTheMaking veth, UndoStack undo) =>
        new(call, IpamPlugin.Resolve(call, ipamType, veth), undo);

    /// <summary>The addresses, committed to the store.</summary>
    /// <exception cref="CniException">There are none.</exception>
    public CniResult Complete(UndoStack undo)
    {
        if (_work is null)
        {
            // Also when it fails: the specification wants a DEL then, and what it left is known to it alone.
            undo.Push("release addresses", Release);
        }
        CniResult result = _work is null ? _ipam.Add(_call) : _work.Join();
        return result.Ips.Count > 0
            ? result
            : throw new CniException(CniErrorCode.DelegateFailure, $"IPAM plugin {_ipam.Type} returned missing IP config: its result has no ips");
    }

    private void Release()
    {
        using CniInvocation del = _call.As(CniVerb.Del);
        _ipam.Del(del);
    }
}
