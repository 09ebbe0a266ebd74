using Linux;
using Netlink.Route;

namespace Netlink.Tests;

public sealed class LinkKernelTests : KernelTest
{
    private static readonly MacAddress NearMac = new([2, 0, 0, 0, 0, 1]);
    private static readonly MacAddress FarMac = new([2, 0, 0, 0, 0, 2]);

    [Fact]
    public void One_request_makes_a_veth_with_everything_that_a_pod_needs()
    {
        using NetworkNamespace pod = NetworkNamespace.Create();
        using RouteClient inPod = RouteClient.Open(pod);
        RouteBatch batch = new();
        batch.CreateLink(new BridgeSpec { Name = "br0", Index = 500, Up = true });
        batch.CreateLink(new VethSpec
        {
            Name = "veth0",
            Index = 1000,
            Mac = NearMac,
            Mtu = 1400,
            Master = 500,
            Up = true,
            Peer = new VethPeer { Name = "eth0", Index = 2000, Mac = FarMac, Mtu = 1400, TargetNamespace = pod },
        });
        batch.SetLink(1000, new LinkChange { Alias = "tag", Hairpin = true, Isolated = true });
        Client.Execute(batch);

        Link near = Client.FindLink("veth0")!;
        Link far = inPod.FindLink("eth0")!;
        Assert.Equal((1000, NearMac, 1400, 500, "tag", true), (near.Index, near.Mac, near.Mtu, near.MasterIndex, near.Alias, near.IsUp));
        Assert.Equal(new BridgePortState { Hairpin = true, Isolated = true }, near.Port);
        Assert.Equal((2000, FarMac, 1400, false), (far.Index, far.Mac, far.Mtu, far.IsUp));
        Assert.Equal((1000, 2000), (far.PeerIndex, near.PeerIndex));
        Assert.NotNull(near.PeerNamespaceId);
    }
}
