using Cni;
using Ipam;

namespace Plugins.Ipam.HostLocal;

/// <summary>
/// Removes what attachments have left that nobody has deleted, whichever plugins made it. It goes before their addresses are another's, who
/// would otherwise meet it; the DEL of a dead key that lives again would find what is new alone.
/// </summary>
/// <param name="call">The ADD that wants the addresses.</param>
/// <param name="directory">Of the network's leases.</param>
/// <param name="others">The leases of dead attachments that are not the call's.</param>
/// <param name="own">
/// The lease that a dead attachment of the call's key has left; null if there is none. Its link and the elements that guard the link are
/// the business of the thread that just makes new ones.
/// </param>
/// <exception cref="AggregateException">Not all could be removed.</exception>
internal delegate void RemoveRemains(CniInvocation call, string directory, IReadOnlyList<Lease> others, Lease? own);
