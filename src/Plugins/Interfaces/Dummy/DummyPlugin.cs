using Cni;
using Linux.Addresses;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.Dummy;

/// <summary>
/// <c>dummy</c>: gives a pod an interface that leads nowhere, for the addresses on it. Keys and their meaning: docs/dummy.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class DummyPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "dummy";

    /// <inheritdoc/>
    internal override string? LinkKind => DummyLink.Kind;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call) =>
        new Step(new InterfaceSettings { IpamType = InterfaceSettings.RequireIpam(call, "dummy"), Dns = call.Dns });

    private sealed class Step(InterfaceSettings pod) : IInterfaceDriver
    {
        public InterfaceSettings Pod => pod;

        public IPodLink Create(LinkSite site) => PodLinkCreation.Create(site, new DummySpec { Name = "", Mac = MacAddress.Random() });

        /// <summary>There is nothing to a dummy but what every interface has.</summary>
        public void Check(LinkCheck check)
        {
        }
    }
}
