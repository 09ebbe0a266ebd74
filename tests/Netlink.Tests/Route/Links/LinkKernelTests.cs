using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Wire;
using TestKit;

namespace Netlink.Tests.Route.Links;

public sealed class LinkKernelTests : KernelTest
{
    private static readonly MacAddress NearMac = new([2, 0, 0, 0, 0, 1]);
    private static readonly MacAddress FarMac = new([2, 0, 0, 0, 0, 2]);

    [Fact]
    public void One_datagram_makes_a_veth_with_everything_that_a_pod_needs()
    {
        using NetworkNamespace pod = NetworkNamespace.Create();
        using RouteClient inPod = RouteClient.Open(pod);
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 500, Up = true });
        RouteBatch batch = new();
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

    // Why LinkSpec has no alias and no port settings. Should a kernel learn it, one request less is needed.
    [Fact]
    public void The_kernel_ignores_alias_and_port_settings_at_creation()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 500 });
        NetlinkBatch batch = new();
        NetlinkWriter writer = batch.Begin(
            RouteMessageType.NewLink, (ushort)RequestFlags.Acknowledge | (ushort)(NewFlags.Create | NewFlags.Exclusive), "create");
        LinkMessage.WriteHeader(writer, MessageFamily.Unspecified, 1000);
        writer.WriteStringAttribute(LinkAttribute.Name, "near");
        writer.WriteInt32Attribute(LinkAttribute.Master, 500);
        writer.WriteAttribute(LinkAttribute.Alias, "tag"u8);
        int info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.WriteStringAttribute(LinkInfoAttribute.Kind, "veth");
        int port = writer.BeginNest(LinkInfoAttribute.PortData);
        writer.WriteUInt8Attribute(4, 1); // IFLA_BRPORT_MODE
        writer.EndNest(port);
        writer.EndNest(info);
        batch.End();
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkProtocol.Route, Namespace);
        socket.Execute(batch);
        Link link = Client.FindLink("near")!;
        Assert.Equal((500, null, false), (link.MasterIndex, link.Alias, link.Port!.Hairpin));
    }

    [Fact]
    public void A_peer_index_is_heeded_only_with_an_index_of_the_near_end()
    {
        Client.CreateLink(new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", Index = 2000 } });
        Assert.NotEqual(2000, IndexOf("b"));
    }

    [Fact]
    public void Queue_lengths_are_left_to_the_kernel_on_both_ends()
    {
        MakeVeth("a", "b");
        Assert.Equal((1000, 1000), (Client.FindLink("a")!.TxQueueLength, Client.FindLink("b")!.TxQueueLength));
    }

    [Theory]
    [InlineData("a", "free")]
    [InlineData("free", "b")]
    public void A_taken_name_of_either_end_is_EEXIST(string near, string far)
    {
        MakeVeth("a", "b");
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => MakeVeth(near, far));
        Assert.Equal(Errno.EEXIST, refusal.Errno);
        Assert.StartsWith($"create veth {near} with peer {far}: EEXIST, exists already", refusal.Message, StringComparison.Ordinal);
        Assert.Null(Client.FindLink("free"));
    }

    [Fact]
    public void A_taken_name_in_the_target_namespace_is_EEXIST()
    {
        using NetworkNamespace pod = NetworkNamespace.Create();
        VethSpec veth = new() { Name = "a", Peer = new VethPeer { Name = "eth0", TargetNamespace = pod } };
        Client.CreateLink(veth);
        Assert.Equal(Errno.EEXIST, Assert.Throws<NetlinkException>(() => Client.CreateLink(veth with { Name = "c" })).Errno);
        Assert.Null(Client.FindLink("c"));
    }

    [Fact]
    public void A_taken_index_is_EEXIST_at_the_near_end_and_EBUSY_at_the_peer()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 77 });
        VethSpec veth = new() { Name = "a", Index = 77, Peer = new VethPeer { Name = "b", Index = 78 } };
        Assert.Equal(Errno.EEXIST, Assert.Throws<NetlinkException>(() => Client.CreateLink(veth)).Errno);
        veth = veth with { Index = 78, Peer = veth.Peer with { Index = 77 } };
        Assert.Equal(Errno.EBUSY, Assert.Throws<NetlinkException>(() => Client.CreateLink(veth)).Errno);
        Assert.Null(Client.FindLink("a"));
    }

    [Fact]
    public void A_closed_namespace_is_refused_before_anything_is_sent()
    {
        NetworkNamespace pod = NetworkNamespace.Create();
        pod.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
            Client.CreateLink(new VethSpec { Name = "a", Peer = new VethPeer { Name = "b", TargetNamespace = pod } }));
        Assert.Null(Client.FindLink("a"));
    }

    [Fact]
    public void An_impossible_name_is_refused_with_the_kernels_words()
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(
            () => Client.CreateLink(new BridgeSpec { Name = "a-name-of-more-than-fifteen-bytes" }));
        Assert.Equal(Errno.ERANGE, refusal.Errno);
        Assert.NotNull(refusal.Explanation);
        Assert.NotNull(refusal.Offset);
    }

    [Fact]
    public void Requests_behind_a_failed_creation_run_and_miss_the_index()
    {
        MakeVeth("a", "b");
        RouteBatch batch = new();
        batch.CreateLink(new VethSpec { Name = "a", Index = 1000, Peer = new VethPeer { Name = "c" } });
        batch.SetLink(1000, new LinkChange { Mtu = 1300 });
        List<NetlinkException> refusals = Client.TryExecute(batch);
        Assert.Equal([Errno.EEXIST, Errno.ENODEV], refusals.Select(r => r.Errno));
        Assert.Equal(1500, Client.FindLink("a")!.Mtu);
    }

    [Fact]
    public void A_tolerated_error_counts_as_success()
    {
        BridgeSpec bridge = new() { Name = "br0" };
        Client.CreateLink(bridge);
        Client.CreateLink(bridge, tolerate: Errno.EEXIST);
        Assert.Throws<NetlinkException>(() => Client.CreateLink(bridge, tolerate: Errno.ENODEV));
    }

    [Fact]
    public void Everything_of_a_link_can_be_changed_in_one_request()
    {
        MakeVeth("a", "b");
        int index = IndexOf("a");
        Client.SetLink(index, new LinkChange
        {
            Name = "renamed",
            Mac = NearMac,
            Mtu = 1300,
            TxQueueLength = 5,
            Group = 0x636e69,
            Alias = "über alles",
            Promiscuous = true,
            AllMulticast = true,
            Up = true,
            AddressGenerationMode = AddressGenerationMode.None,
        });
        Link link = Client.FindLink(index)!;
        Assert.Equal(
            ("renamed", NearMac, 1300, 5, 0x636e69u, "über alles", 1),
            (link.Name, link.Mac, link.Mtu, link.TxQueueLength, link.Group, link.Alias, link.Promiscuity));
        Assert.True(link.Flags.HasFlag(LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.AllMulticast));

        Client.SetLink(index, new LinkChange { Alias = "", Promiscuous = false, AllMulticast = false, Up = false });
        link = Client.FindLink(index)!;
        Assert.Null(link.Alias);
        Assert.Equal(LinkFlags.None, link.Flags & (LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.AllMulticast));
    }

    [Fact]
    public void An_alias_holds_255_bytes()
    {
        MakeVeth("a", "b");
        string alias = new('x', 255);
        Client.SetLink(IndexOf("a"), new LinkChange { Alias = alias });
        Assert.Equal(alias, Client.FindLink("a")!.Alias);
        Assert.Throws<NetlinkException>(() => Client.SetLink(IndexOf("a"), new LinkChange { Alias = alias + "x" }));
    }

    [Fact]
    public void A_link_without_link_local_address_has_no_IPv6_address_when_up()
    {
        MakeVeth("a", "b");
        Client.SetLink(IndexOf("a"), new LinkChange { AddressGenerationMode = AddressGenerationMode.None, Up = true });
        Client.SetLink(IndexOf("b"), new LinkChange { Up = true });
        Assert.Empty(Client.ListAddresses(IndexOf("a"), IpFamily.IPv6));
        Assert.NotEmpty(Client.ListAddresses(IndexOf("b"), IpFamily.IPv6));
    }

    [Fact]
    public void A_port_joins_and_leaves_its_bridge()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0", Mac = FarMac });
        Client.SetLink(IndexOf("br0"), new LinkChange { Mtu = 1450 });
        MakeVeth("a", "b");
        Client.SetLink(IndexOf("a"), new LinkChange { Master = IndexOf("br0") });
        Assert.Equal(IndexOf("br0"), Client.FindLink("a")!.MasterIndex);
        Client.SetLink(IndexOf("a"), new LinkChange { Master = 0 });
        Assert.Null(Client.FindLink("a")!.MasterIndex);
        Assert.Null(Client.FindLink("a")!.Port);
        Link bridge = Client.FindLink("br0")!;
        Assert.Equal(("bridge", FarMac, 1450), (bridge.Kind, bridge.Mac, bridge.Mtu));
        Assert.NotNull(bridge.Bridge);
    }

    [Fact]
    public void A_bridge_keeps_an_MTU_only_if_it_was_changed_to_it()
    {
        MakeVeth("a", "b");
        Client.CreateLink(new BridgeSpec { Name = "br0", Mtu = 1400 });
        Assert.Equal(1400, Client.FindLink("br0")!.Mtu);
        Client.SetLink(IndexOf("a"), new LinkChange { Master = IndexOf("br0") });
        Assert.Equal(1500, Client.FindLink("br0")!.Mtu);
        Client.SetLink(IndexOf("br0"), new LinkChange { Mtu = 1400 });
        Client.SetLink(IndexOf("b"), new LinkChange { Master = IndexOf("br0") });
        Assert.Equal(1400, Client.FindLink("br0")!.Mtu);
    }

    [Fact]
    public void Port_settings_of_what_is_no_port_are_EOPNOTSUPP()
    {
        MakeVeth("a", "b");
        NetlinkException refusal = Assert.Throws<NetlinkException>(
            () => Client.SetLink(IndexOf("a"), new LinkChange { Hairpin = true }));
        Assert.Equal(Errno.EOPNOTSUPP, refusal.Errno);
    }

    [Fact]
    public void A_link_moves_to_another_namespace()
    {
        using NetworkNamespace pod = NetworkNamespace.Create();
        using RouteClient inPod = RouteClient.Open(pod);
        MakeVeth("a", "b");
        Client.SetLink(IndexOf("b"), new LinkChange { TargetNamespace = pod, Name = "eth0" });
        Assert.Null(Client.FindLink("b"));
        Assert.NotNull(inPod.FindLink("eth0"));
    }

    [Fact]
    public void Deleting_one_end_deletes_both_and_absence_is_no_error()
    {
        MakeVeth("a", "b");
        int index = IndexOf("a");
        Assert.True(Client.TryDeleteLink(index));
        Assert.False(Client.TryDeleteLink(index));
        Assert.Null(Client.FindLink("b"));
        MakeVeth("a", "b");
        Assert.True(Client.TryDeleteLink("b"));
        Assert.False(Client.TryDeleteLink("b"));
    }

    [Fact]
    public void Lo_cannot_be_deleted()
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.TryDeleteLink("lo"));
        Assert.Equal(Errno.EOPNOTSUPP, refusal.Errno);
        Assert.StartsWith("delete link lo: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_exist_is_null_or_ENODEV()
    {
        Assert.Null(Client.FindLink("absent"));
        Assert.Null(Client.FindLink(4711));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.SetLink(4711, new LinkChange { Up = true }));
        Assert.Equal((Errno.ENODEV, "change link 4711"), (refusal.Errno, refusal.Operation));
    }

    [Fact]
    public void Links_are_listed_by_kind_and_by_master()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0" });
        Client.CreateLink(new BridgeSpec { Name = "br1" });
        MakeVeth("a", "b");
        MakeVeth("c", "d");
        Client.SetLink(IndexOf("a"), new LinkChange { Master = IndexOf("br0") });
        Client.SetLink(IndexOf("c"), new LinkChange { Master = IndexOf("br1") });

        Assert.Equal(["a", "b", "br0", "br1", "c", "d", "lo"], Names(Client.ListLinks()));
        Assert.Equal(["a", "b", "c", "d"], Names(Client.ListLinks("veth")));
        Assert.Equal(["a"], Names(Client.ListLinks(master: IndexOf("br0"))));
        Assert.Equal(["c"], Names(Client.ListLinks("veth", IndexOf("br1"))));
        Assert.Empty(Client.ListLinks("bridge", IndexOf("br0")));
        Assert.Empty(Client.ListLinks("a-kind-that-no-module-has"));
    }

    [Fact]
    public void A_dump_of_many_links_is_whole()
    {
        RouteBatch batch = new();
        for (int i = 0; i < 300; i++)
            batch.CreateLink(new VethSpec { Name = $"n{i}", Peer = new VethPeer { Name = $"f{i}" } });
        Client.Execute(batch);
        List<Link> links = Client.ListLinks("veth");
        Assert.Equal(600, links.Select(link => link.Index).Distinct().Count());
    }

    [Fact]
    public void Links_that_come_and_go_do_not_spoil_a_list()
    {
        for (int i = 0; i < 50; i++)
            MakeVeth($"n{i}", $"f{i}");
        using CancellationTokenSource stop = new();
        using RouteClient other = RouteClient.Open(Namespace);
        Thread changer = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                other.CreateLink(new BridgeSpec { Name = "br0" });
                _ = other.TryDeleteLink("br0");
            }
        });
        changer.Start();
        try
        {
            for (int i = 0; i < 50; i++)
            {
                List<int> indexes = [.. Client.ListLinks("veth").Select(link => link.Index)];
                Assert.Equal(100, indexes.Count);
                Assert.Equal(100, indexes.Distinct().Count());
            }
        }
        finally
        {
            stop.Cancel();
            changer.Join();
        }
    }

    private static IEnumerable<string> Names(IEnumerable<Link> links) => links.Select(link => link.Name).Order(StringComparer.Ordinal);

    private void MakeVeth(string near, string far) => Client.CreateLink(new VethSpec { Name = near, Peer = new VethPeer { Name = far } });
}
