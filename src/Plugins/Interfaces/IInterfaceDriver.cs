using Cni;

namespace Plugins.Interfaces;

/// <summary>
/// What a interface plugin does its own way: how its link is made, what it adds to the result and how that is checked. It holds a
/// configuration that has been found good.
/// </summary>
internal interface IInterfaceDriver
{
    /// <summary>What all plugins want to know of the configuration.</summary>
    InterfaceSettings Pod { get; }

    /// <summary>
    /// Makes the link, its end in the pod down and under its final name. Called on a thread of its own, while the addresses are
    /// allocated; the thread may stay in the pod's namespace. What was made is taken back by <see cref="LinkSite.Undo"/>, however far it
    /// came.
    /// </summary>
    IPodLink Create(LinkSite site);

    /// <summary>
    /// Adds to IPAM's result what the configuration wants besides (gateways, default routes), and refuses what cannot be served.
    /// </summary>
    /// <param name="result">Has addresses, routes and DNS, no interfaces yet.</param>
    /// <exception cref="CniException">It cannot be.</exception>
    void Complete(CniResult result)
    {
    }

    /// <summary>Compares the link with what ADD made. Interface, addresses and routes in the pod have been found good.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    void Check(LinkCheck check);
}
