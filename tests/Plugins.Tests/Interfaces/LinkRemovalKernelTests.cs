using Datapath.Links;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route.Links;
using Plugins.Interfaces;
using TestKit;

namespace Plugins.Tests.Interfaces;

public sealed class LinkRemovalKernelTests : NodeKernelTest
{
    [Fact]
    public void DEL_finds_the_pair_and_its_addresses_by_the_tag()
    {
        VethPair pair = VethPair.Create(NodeClient, Pod, "eth0", Tag, podMac: null, mtu: 1500, new LinkChange(), new PendingVeth());
        NodeClient.SetLink(pair.HostIndex, new LinkChange { Alias = Tag.Alias([TestCall.Prefix("10.1.2.5/24")]) });
        Assert.Equal([TestCall.Prefix("10.1.2.5/24")], Delete());
        Assert.Null(NodeClient.FindLink(pair.HostName));
        Assert.Empty(Delete());
    }

    [Fact]
    public void DEL_removes_what_a_plugin_of_another_make_left_in_the_pod()
    {
        _ = MakeVeth();
        Assert.Empty(Delete());
        Assert.Null(PodClient.FindLink("eth0"));
        Assert.Null(NodeClient.FindLink("host0"));
    }

    [Fact]
    public void DEL_touches_nothing_in_the_plugins_own_namespace()
    {
        NodeClient.CreateLink(new VethSpec { Name = "eth0", Peer = new VethPeer { Name = "peer" } });
        Assert.Empty(Delete(pod: Node));
        Assert.NotNull(NodeClient.FindLink("eth0"));
    }

    private IpPrefix[] Delete(NetworkNamespace? pod = null) => InCall(
        "DEL",
        "",
        call =>
        {
            using LinkRemoval link = new(call, Tag, VethLink.Kind);
            IpPrefix[] addresses = [.. link.Begin()];
            link.Complete();
            return addresses;
        },
        pod);
}
