using Cni;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained;

/// <summary>The interface that a plugin before a chained one has made.</summary>
internal static class ChainedInterface
{
    /// <summary>Finds it.</summary>
    /// <param name="pod">The pod's links.</param>
    /// <param name="call">An ADD or CHECK.</param>
    /// <exception cref="CniException">It does not exist.</exception>
    public static Link Require(RouteClient pod, CniInvocation call) => pod.FindLink(call.IfName) ?? throw (call.Verb == CniVerb.Check
        ? CniException.CheckFailed($"interface {call.IfName} does not exist in {call.NetNS}")
        : CniException.InvalidConfig(
            $"interface {call.IfName} does not exist in {call.NetNS}: this plugin must stand behind one that makes it"));
}
