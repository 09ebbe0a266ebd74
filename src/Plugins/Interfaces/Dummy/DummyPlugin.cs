using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary><c>dummy</c>: gives a pod an interface that leads nowhere, for the addresses on it. Keys and their meaning: docs/dummy.md.</summary>
public sealed class DummyPlugin : MainPlugin
{
    /// <inheritdoc/>
    public override string Type => "dummy";

    /// <inheritdoc/>
    internal override string? LinkKind => "dummy";

    /// <inheritdoc/>
    internal override ILinkStep Read(CniInvocation call) =>
        new Step(new PodSettings { IpamType = PodSettings.RequireIpam(call, "dummy"), Dns = call.Dns });

    private sealed class Step(PodSettings pod) : ILinkStep
    {
        public PodSettings Pod => pod;

        public IPodLink Create(LinkSite site) => LinkInPod.Create(site, new DummySpec { Name = "", Mac = MacAddress.Random() });

        /// <summary>There is nothing to a dummy but what every interface has.</summary>
        public void Check(LinkCheck check)
        {
        }
    }
}
