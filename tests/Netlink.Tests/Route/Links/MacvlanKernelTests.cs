using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using TestKit;

namespace Netlink.Tests.Route.Links;

/// <summary>Interfaces on another interface that live in another namespace than that.</summary>
public sealed class MacvlanKernelTests : KernelTest
{
    private static readonly MacAddress Mac = new([2, 0, 0, 0, 0, 7]);

    private readonly NetworkNamespace _pod;
    private readonly RouteClient _inside;

    public MacvlanKernelTests()
    {
        _pod = NetworkNamespace.Create();
        _inside = RouteClient.Open(_pod);
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Mtu = 1400, Up = true, Peer = new VethPeer { Name = "b" } });
    }

    public override void Dispose()
    {
        _inside.Dispose();
        _pod.Dispose();
        base.Dispose();
    }

    [Fact]
    public void It_appears_in_its_namespace_under_its_name_at_once()
    {
        Client.CreateLink(Spec(MacvlanMode.Vepa) with { Index = 4000, BroadcastQueueLength = 2000 });
        Link link = _inside.FindLink("eth0")!;
        Assert.Equal(("macvlan", 4000, Mac, 1400, false), (link.Kind, link.Index, link.Mac, link.Mtu, link.IsUp));
        Assert.Equal(100, link.PeerIndex);
        Assert.NotNull(link.PeerNamespaceId);
        Assert.Equal(new MacvlanState { Mode = MacvlanMode.Vepa, BroadcastQueueLength = 2000 }, link.Macvlan);
        Assert.Null(Client.FindLink("eth0"));
    }

    [Fact]
    public void A_name_that_is_taken_there_is_refused()
    {
        Client.CreateLink(Spec(MacvlanMode.Bridge));
        Assert.Equal(Errno.EEXIST, Assert.Throws<NetlinkException>(() => Client.CreateLink(Spec(MacvlanMode.Bridge))).Errno);
    }

    [Fact]
    public void It_is_alone_where_it_passes_everything_through()
    {
        Client.CreateLink(Spec(MacvlanMode.PassThrough) with { Mac = null });
        Assert.Equal(Client.FindLink(100)!.Mac, _inside.FindLink("eth0")!.Mac);
        Assert.Throws<NetlinkException>(() => Client.CreateLink(Spec(MacvlanMode.PassThrough) with { Name = "eth1" }));
    }

    [Fact]
    public void It_is_gone_with_what_it_stands_on()
    {
        Client.CreateLink(Spec(MacvlanMode.Bridge));
        Assert.True(Client.TryDeleteLink(100));
        Assert.Null(_inside.FindLink("eth0"));
    }

    private MacvlanSpec Spec(MacvlanMode mode) =>
        new() { Name = "eth0", Parent = 100, Mac = Mac, Mode = mode, TargetNamespace = _pod };
}
