using System.Net;
using Cni;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;

namespace Plugins.Interfaces.Loopback;

/// <summary><c>loopback</c>: switches a pod's <c>lo</c> on. CNI_IFNAME is ignored, there is only one.</summary>
public sealed class LoopbackPlugin : ICniPlugin
{
    private const string Name = "lo";

    /// <inheritdoc/>
    public string Type => "loopback";

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        Link lo = FindLoopback(pod);
        if (!lo.IsUp)
            pod.SetLink(lo.Index, new LinkChange { Up = true });
        List<InterfaceAddress> addresses = pod.ListAddresses(lo.Index);
        if (addresses.Find(static address => !IPAddress.IsLoopback(address.Address.Address)) is { } foreign)
        {
            throw CniException.InvalidConfig(
                $"{Name} in CNI_NETNS has the address {foreign.Address}, which is no loopback address; remove it");
        }
        // In front of nothing else there is a result to pass on: a chain may begin with another plugin.
        if (call.PrevResult is { } previous)
            return previous;

        CniResult result = new();
        result.Interfaces.Add(new CniInterface { Name = Name, Mac = default(MacAddress).ToString(), Sandbox = call.NetNS });
        foreach (IpFamily family in IpFamily.Both)
        {
            if (addresses.Find(address => address.Address.Family == family) is { } address)
                result.Ips.Add(new CniIp { Address = address.Address, Interface = 0 });
        }
        return result;
    }

    /// <summary>Switches <c>lo</c> off; never the host's own, which a recycled PID may make CNI_NETNS lead to.</summary>
    public void Del(CniInvocation call)
    {
        if (call.ForeignNamespace is not { } pod)
            return;
        using RouteClient inside = RouteClient.Open(pod);
        if (inside.FindLink(Name) is { IsUp: true } lo)
            inside.SetLink(lo.Index, new LinkChange { Up = false });
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call)
    {
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        if (!FindLoopback(pod).IsUp)
            throw CniException.CheckFailed($"{Name} in {call.NetNS} is down");
    }

    /// <summary>There is nothing that an ADD could lack.</summary>
    public void Status(CniInvocation call)
    {
    }

    /// <summary>Nothing of an ADD lives outside the pod's namespace.</summary>
    public void Gc(CniInvocation call)
    {
    }

    private static Link FindLoopback(RouteClient pod) => pod.FindLink(Name)
        ?? throw new CniException(CniErrorCode.KernelFailure, $"the namespace has no interface {Name}");
}
