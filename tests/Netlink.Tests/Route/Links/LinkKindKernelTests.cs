using Linux;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using TestKit;

namespace Netlink.Tests.Route.Links;

/// <summary>Kinds that test machines lack, and user-mode-linux has.</summary>
[Trait("Kernel", "uml")]
public sealed class LinkKindKernelTests : KernelTest
{
    [Fact]
    public void A_dummy()
    {
        Create(new DummySpec { Name = "dummy0", Up = true });
        Link link = Client.FindLink("dummy0")!;
        Assert.Equal(("dummy", true, OperationalState.Unknown), (link.Kind, link.IsUp, link.OperationalState));
    }

    [Fact]
    public void A_VLAN_of_another_interface()
    {
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Peer = new VethPeer { Name = "b" } });
        Create(new VlanSpec { Name = "a.5", Parent = 100, Id = 5 });
        Link link = Client.FindLink("a.5")!;
        Assert.Equal(("vlan", 100, 5), (link.Kind, link.PeerIndex, link.VlanId));
        Assert.Equal(
            Errno.EEXIST,
            Assert.Throws<NetlinkException>(() => Client.CreateLink(new VlanSpec { Name = "again", Parent = 100, Id = 5 })).Errno);
    }

    [Fact]
    public void A_VRF_with_an_interface()
    {
        Create(new VrfSpec { Name = "red", Table = 70_000, Up = true });
        Link vrf = Client.FindLink("red")!;
        Assert.Equal(("vrf", true, 70_000u), (vrf.Kind, vrf.IsUp, vrf.VrfTable!.Value));
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Master = vrf.Index, Peer = new VethPeer { Name = "b" } });
        Assert.Equal("a", Assert.Single(Client.ListLinks(master: vrf.Index)).Name);
        Assert.Equal("red", Assert.Single(Client.ListLinks("vrf")).Name);
        Assert.Null(Client.FindLink(100)!.VrfTable);
    }

    [Theory]
    [InlineData(IpvlanMode.L2, IpvlanFlags.None)]
    [InlineData(IpvlanMode.L3, IpvlanFlags.Private)]
    [InlineData(IpvlanMode.L3S, IpvlanFlags.Vepa)]
    public void An_ipvlan_in_another_namespace(IpvlanMode mode, IpvlanFlags flags)
    {
        using NetworkNamespace pod = NetworkNamespace.Create();
        using RouteClient inside = RouteClient.Open(pod);
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Peer = new VethPeer { Name = "b" } });
        Create(new IpvlanSpec { Name = "eth0", Parent = 100, Mode = mode, Flags = flags, TargetNamespace = pod });
        Link link = inside.FindLink("eth0")!;
        Assert.Equal(("ipvlan", 100, Client.FindLink(100)!.Mac), (link.Kind, link.PeerIndex, link.Mac));
        Assert.Equal(new IpvlanState { Mode = mode, Flags = flags }, link.Ipvlan);
    }

    private void Create(LinkSpec link)
    {
        List<NetlinkException> refusals = Client.TryExecute(new RouteBatch().CreateLink(link));
        if (refusals is [{ Errno: Errno.EOPNOTSUPP }])
            Assert.Skip($"this kernel has no {link.GetType().Name}");
        Assert.Empty(refusals);
    }
}
