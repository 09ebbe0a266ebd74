using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Interfaces;
using TestKit;

namespace Plugins.Tests.Interfaces;

public sealed class VethPairKernelTests : NodeKernelTest
{
    private readonly PendingVeth _making = new();

    private VethPair Create(string ifName = "eth0", NetworkNamespace? pod = null, MacAddress? mac = null, LinkChange? port = null) =>
        VethPair.Create(NodeClient, pod ?? Pod, ifName, Tag, mac, mtu: 1400, port ?? new LinkChange(), _making);

    [Fact]
    public void Both_ends_have_their_names_addresses_and_mtu()
    {
        MacAddress mac = TestCall.Mac("02:00:00:00:00:05");
        VethPair pair = Create(mac: mac);
        Link host = NodeClient.FindLink(Tag.HostInterfaceName)!;
        Link pod = PodClient.FindLink("eth0")!;
        Assert.Equal((pair.HostName, pair.HostIndex, pair.HostMac, pair.Mtu), (host.Name, host.Index, host.Mac!.Value, host.Mtu));
        Assert.Equal(("eth0", pair.PodIndex, mac, 1400), (pod.Name, pod.Index, pod.Mac!.Value, pod.Mtu));
        Assert.Equal(mac, pair.PodMac);
        Assert.Equal(Tag.Alias([]), host.Alias);
        Assert.True(host.IsUp);
        Assert.False(pod.IsUp);
        Assert.True(_making.IsHostEnd(host.Index));
    }

    [Fact]
    public void Host_end_becomes_the_port_that_was_asked_for()
    {
        int bridge = MakeBridge();
        VethPair pair = Create(port: new LinkChange { Master = bridge, Hairpin = true, Isolated = true });
        Link host = NodeClient.FindLink(pair.HostIndex)!;
        Assert.Equal(bridge, host.MasterIndex);
        Assert.True(host.Port!.Hairpin);
        Assert.True(host.Port!.Isolated);
    }

    [Fact]
    public void Interface_of_that_name_in_the_pod_is_the_callers_error()
    {
        int existing = MakeVeth();
        TestCall.AssertFails(CniErrorCode.AlreadyExists, ["CNI_IFNAME eth0 exists already"], () => Create());
        Assert.Equal(existing, PodClient.FindLink("eth0")!.Index);
        Assert.Null(NodeClient.FindLink(Tag.HostInterfaceName));
    }

    [Fact]
    public void Attachment_that_lives_elsewhere_is_not_replaced()
    {
        VethPair live = Create();
        using NetworkNamespace other = NetworkNamespace.Create();
        TestCall.AssertFails(
            CniErrorCode.AlreadyExists, ["eth0", live.HostName, "run DEL first"], () => Node.Run(() => Create(pod: other)));
        Assert.Equal(live.HostIndex, NodeClient.FindLink(live.HostName)!.Index);
        Assert.Equal(live.PodIndex, PodClient.FindLink("eth0")!.Index);
        using RouteClient inOther = RouteClient.Open(other);
        Assert.Null(inOther.FindLink("eth0"));
    }

    // The pod has given its end to somebody on the host.
    [Fact]
    public void Host_end_whose_other_end_is_here_is_not_replaced()
    {
        NodeClient.CreateLink(new VethSpec { Name = Tag.HostInterfaceName, Peer = new VethPeer { Name = "moved" } });
        TestCall.AssertFails(CniErrorCode.AlreadyExists, ["run DEL first"], () => Node.Run(() => Create()));
        Assert.NotNull(NodeClient.FindLink("moved"));
    }

    [Theory]
    [InlineData("", true, true, true)]
    [InlineData("10.1.2.5/24", true, true, true)]
    [InlineData("", false, true, true)]
    [InlineData("10.1.2.5/24", false, true, false)]
    [InlineData("", true, false, false)]
    public void Pair_that_a_killed_ADD_has_left_is_replaced(string addresses, bool isLeaseOfKilled, bool hasAddresses, bool isReplaced)
    {
        VethPair left = Create();
        left.Mark(NodeClient, Tag, addresses.Length == 0 ? [] : [TestCall.Prefix(addresses)]);
        PendingVeth making = new() { WasLeft = true };
        if (isLeaseOfKilled)
            making.ReplaceKilled();
        VethPair Again() =>
            Node.Run(() => VethPair.Create(NodeClient, Pod, "eth0", Tag, podMac: null, mtu: 1400, new LinkChange(), making));
        // It is the thread of the leases that finds out.
        Thread decider = new(() => making.Decide(hasAddresses));
        if (isReplaced)
        {
            decider.Start();
            Assert.Equal(Again().HostIndex, NodeClient.FindLink(Tag.HostInterfaceName)!.Index);
        }
        else
        {
            decider.Start();
            TestCall.AssertFails(CniErrorCode.AlreadyExists, ["eth0"], () => Again());
            Assert.Equal(left.HostIndex, NodeClient.FindLink(Tag.HostInterfaceName)!.Index);
        }
        decider.Join();
    }

    // The kernel's answer was lost: the ADD knows only what it has asked for.
    [Fact]
    public void Pair_that_was_being_made_can_be_taken_back()
    {
        Node.Run(() => VethPair.DeleteMade(Tag, _making));
        _ = Create();
        Node.Run(() => VethPair.DeleteMade(Tag, new PendingVeth()));
        Assert.NotNull(PodClient.FindLink("eth0"));
        Node.Run(() => VethPair.DeleteMade(Tag, _making));
        Assert.Null(PodClient.FindLink("eth0"));
    }

    [Fact]
    public void Host_end_of_a_pod_that_is_just_dying_is_replaced()
    {
        for (int round = 0; round < 20; round++)
        {
            using (NetworkNamespace dying = NetworkNamespace.Create())
                _ = Create(pod: dying);
            // The thread that made the namespace may not have ended yet, and keeps it alive until then.
            VethPair pair = Node.Run(() => Create());
            Assert.Equal(pair.HostIndex, NodeClient.FindLink(pair.HostName)!.Index);
            pair.Delete(NodeClient);
        }
    }

    [Fact]
    public void Failure_behind_the_creation_leaves_no_link()
    {
        // Only a port can be isolated.
        _ = Assert.Throws<Netlink.NetlinkException>(() => Create(port: new LinkChange { Isolated = true }));
        Assert.Null(NodeClient.FindLink(Tag.HostInterfaceName));
        Assert.Null(PodClient.FindLink("eth0"));
    }

    [Fact]
    public void Deleting_twice_is_fine()
    {
        VethPair pair = Create();
        pair.Delete(NodeClient);
        pair.Delete(NodeClient);
        Assert.Null(PodClient.FindLink("eth0"));
    }

    [Fact]
    public void GC_deletes_the_networks_pairs_that_are_not_valid()
    {
        Attach("pods", "c1");
        Attach("pods", "c2");
        Attach("other", "c3");
        MakeNamed("stranger", alias: null);
        MakeNamed("uplink", alias: "uplink to the rack");
        _ = InCall("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]", call =>
        {
            VethPair.DeleteAllBut(new GcScope(call));
            return true;
        });
        Assert.Equal(
            new[] { "stranger", "uplink", NameOf("pods", "c1"), NameOf("other", "c3") }.Order(StringComparer.Ordinal),
            NodeClient.ListLinks(kind: "veth")
                .Select(link => link.Name)
                .Where(name => !name.EndsWith("-peer", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    private static string NameOf(string network, string containerId) => new AttachmentTag(network, containerId, "eth0").HostInterfaceName;

    private void Attach(string network, string containerId) =>
        MakeNamed(NameOf(network, containerId), new AttachmentTag(network, containerId, "eth0").Alias([]));

    private void MakeNamed(string name, string? alias)
    {
        NodeClient.CreateLink(new VethSpec { Name = name, Peer = new VethPeer { Name = $"{name[^4..]}-peer" } });
        if (alias is not null)
            NodeClient.SetLink(IndexOf(name), new LinkChange { Alias = alias });
    }
}
