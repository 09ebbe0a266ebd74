using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Plugins.Chained.Portmap;
using Plugins.Configuration;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary>Elements that several attachments want: who has them, who waits, and what becomes of that when calls meet.</summary>
public sealed class HeirKernelTests : NodeKernelTest
{
    private static readonly AttachmentTag s_first = new("one", "c1", "eth0"), s_second = new("two", "c1", "eth1"), s_third = new(
        "three", "c1", "eth2");

    private static readonly Contest s_shared = new(
        static (_, _) => true, static (wanted, _) => new CniException(CniErrorCode.AlreadyExists, wanted.Name));

    private readonly NftClient _nft;

    public HeirKernelTests()
    {
        _nft = NftClient.Open(Node);
        foreach (AttachmentTag tag in (AttachmentTag[])[s_first, s_second, s_third])
            NodeProgram.Run(Node, $"ip link add {tag.HostInterfaceName} type veth peer name p{tag.HostInterfaceName[4..]}");
    }

    public override void Dispose()
    {
        _nft.Dispose();
        base.Dispose();
    }

    private static NftSet Map => PortRuleset.PortMap(IpFamily.IPv4, condition: null);

    private static AttachmentElement Web(byte pod, ushort port = 8080) => new(
        Map,
        new PublishedPort(null, PortProtocol.Tcp, port, new System.Net.IPAddress([10, 0, 0, pod]), 80).ToElement(),
        $"tcp port {port}");

    private int Add(AttachmentTag tag, byte pod, Contest? contest = null) => InCall("ADD", "", call => UndoStack.Run(call, undo =>
    {
        using NftClient nft = NftClient.Open();
        return AttachmentElements.Add(nft, new PortRuleset([], []), tag, [Web(pod), Web(pod, 8081)], contest ?? s_shared, undo).Count;
    }));

    private int Remove(AttachmentTag tag, byte pod) => Node.Run(() =>
    {
        using NftClient nft = NftClient.Open();
        return AttachmentElements.Remove(nft, tag, [Web(pod), Web(pod, 8081)]).Count;
    });

    private void Check(AttachmentTag tag, byte pod) =>
        Node.Run(() => AttachmentElements.Check(_nft, new PortRuleset([], []), tag, [Web(pod), Web(pod, 8081)]));

    private void AssertTarget(AttachmentTag owner, byte pod)
    {
        NftElement? element = _nft.FindElement(Map, Web(0).Element.Key);
        Assert.Equal(owner.Comment(), element?.Comment);
        Assert.Equal(pod, element?.Value?.Bytes[3]);
    }

    private string Listing() => NftProgram.List(Node);

    [Fact]
    public void The_first_keeps_an_element_and_it_passes_to_the_next_until_nothing_is_left()
    {
        Assert.Equal(2, Add(s_first, 1));
        Assert.Equal(0, Add(s_second, 2));
        AssertTarget(s_first, 1);
        Check(s_first, 1);
        Check(s_second, 2);
        uint before = _nft.GetGeneration();
        Assert.Equal(2, Remove(s_first, 1));
        // One step: at no moment does the port lead nowhere.
        Assert.Equal(before + 1, _nft.GetGeneration());
        AssertTarget(s_second, 2);
        Check(s_second, 2);
        Assert.DoesNotContain("heirs_", Listing(), StringComparison.Ordinal);
        Assert.Equal(2, Remove(s_second, 2));
        Assert.DoesNotContain("comment", Listing(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOBUFS, false)]
    [InlineData(Errno.ETIMEDOUT, false)]
    [InlineData(Errno.ENOBUFS, true)]
    [InlineData(Errno.ETIMEDOUT, true)]
    public void Elements_whose_removal_was_answered_but_not_heard_count_as_removed(Errno loss, bool hasHeir)
    {
        _ = Add(s_first, 1);
        if (hasHeir)
            _ = Add(s_second, 2);
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Node);
        using NftClient client = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        int RemoveThrough(AttachmentTag tag) => Node.Run(() => AttachmentElements.Remove(client, tag, [Web(1), Web(1, 8081)]).Count);
        // Where there is nothing to remove it is only read.
        Assert.Equal(0, RemoveThrough(s_third));
        transport.LoseAnswerTo((2 * transport.Sent) + 1, loss);
        Assert.Equal(2, RemoveThrough(s_first));
        Assert.DoesNotContain(s_first.Text, Listing(), StringComparison.Ordinal);
        if (hasHeir)
            AssertTarget(s_second, 2);
    }

    [Fact]
    public void An_heir_that_goes_leaves_the_owner_and_the_other_heirs()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        _ = Add(s_third, 3);
        Assert.Equal(2, Remove(s_second, 2));
        AssertTarget(s_first, 1);
        Assert.DoesNotContain(s_second.Text, Listing(), StringComparison.Ordinal);
        _ = Remove(s_first, 1);
        AssertTarget(s_third, 3);
    }

    [Fact]
    public void A_living_heir_comes_before_a_dead_one()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        _ = Add(s_third, 3);
        foreach ((AttachmentTag dead, AttachmentTag living, byte pod) in ((AttachmentTag, AttachmentTag, byte)[])[
            (s_second, s_third, 3),
            (s_third, s_second, 2),
        ])
        {
            NodeProgram.Run(Node, $"ip link delete {dead.HostInterfaceName}");
            _ = Remove(s_first, 1);
            AssertTarget(living, pod);
            NodeProgram.Run(Node, $"ip link add {dead.HostInterfaceName} type veth peer name p{dead.HostInterfaceName[4..]}");
            _ = Remove(living, pod);
            _ = Remove(dead, (byte)(5 - pod));
            _ = Add(s_first, 1);
            _ = Add(s_second, 2);
            _ = Add(s_third, 3);
        }
    }

    [Fact]
    public void An_heir_is_found_by_its_tag_where_no_key_is_known()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        Assert.Equal(2, Node.Run(() => AttachmentElements.RemoveWhere(_nft, [Map], s_second.IsIn).Count));
        Assert.DoesNotContain(s_second.Text, Listing(), StringComparison.Ordinal);
        _ = Add(s_second, 2);
        Assert.Equal(2, Node.Run(() => AttachmentElements.RemoveWhere(_nft, [Map], s_first.IsIn).Count));
        AssertTarget(s_second, 2);
    }

    [Fact]
    public void A_repeated_ADD_of_owner_or_heir_leaves_nothing_of_the_killed_one()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        Assert.Equal(0, Add(s_second, 4));
        Check(s_second, 4);
        // Whoever begins anew stands behind those who wait.
        Assert.Equal(0, Add(s_first, 1));
        AssertTarget(s_second, 4);
        _ = Remove(s_first, 1);
        _ = Remove(s_second, 4);
        Assert.DoesNotContain("comment", Listing(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_ADD_of_an_heir_leaves_nothing()
    {
        _ = Add(s_first, 1);
        string before = Listing();
        _ = Assert.Throws<InvalidOperationException>(() => InAdd(undo =>
        {
            using NftClient nft = NftClient.Open();
            _ = AttachmentElements.Add(nft, new PortRuleset([], []), s_second, [Web(2)], s_shared, undo);
            throw new InvalidOperationException();
        }));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void CHECK_of_an_heir_fails_when_nobody_has_the_element()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        NftProgram.Load(Node, "delete element inet cniplugin ports4 { tcp . 8080 }");
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["tcp port 8080"], () => Check(s_second, 2));
    }

    [Fact]
    public void Nft_lists_and_loads_heirs()
    {
        _ = Add(s_first, 1);
        _ = Add(s_second, 2);
        string[] lines = NftProgram.Lines(Listing());
        Assert.Contains("map heirs_ports4 {", lines);
        Assert.Contains("type inet_proto . inet_service . mark . mark : ipv4_addr . inet_service", lines);
        NodeProgram.Run(Node, "nft list ruleset >/dev/null; nft list ruleset | (echo flush ruleset; cat) | nft -f -");
        Assert.Equal(lines.Order(StringComparer.Ordinal), NftProgram.Lines(Listing()).Order(StringComparer.Ordinal));
        _ = Remove(s_first, 1);
        AssertTarget(s_second, 2);
    }

    [Fact]
    public void An_owner_that_goes_while_an_heir_comes_leaves_it_the_element()
    {
        _ = Add(s_first, 1);
        bool gone = false;
        Contest contest = s_shared with
        {
            IsShared = (_, _) =>
            {
                // Between what the ADD has read and what it writes.
                if (!gone)
                    Assert.Equal(2, Remove(s_first, 1));
                return gone = true;
            },
        };
        Assert.Equal(2, Add(s_second, 2, contest));
        AssertTarget(s_second, 2);
        Assert.DoesNotContain("heirs_", Listing(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_heir_that_comes_while_the_owner_goes_has_the_element()
    {
        _ = Add(s_first, 1);
        bool come = false;
        List<NftElement> removed =
            Node.Run(() => AttachmentElements.Remove(_nft, [(Map, Web(1).Element.Key), (Map, Web(1, 8081).Element.Key)], comment =>
        {
            if (!come)
            {
                come = true;
                Assert.Equal(0, Add(s_second, 2));
            }
            return s_first.IsIn(comment);
        }));
        Assert.Equal(2, removed.Count);
        AssertTarget(s_second, 2);
        Check(s_second, 2);
    }

    [Fact]
    public void A_successor_waits_until_its_predecessor_is_gone()
    {
        _ = Add(s_first, 1);
        using ManualResetEventSlim waits = new();
        int looks = 0;
        Contest contest = s_shared with
        {
            IsShared = (_, _) =>
            {
                // From the second look on it listens.
                if (++looks == 2)
                    waits.Set();
                return false;
            },
            Patience = TimeSpan.FromMinutes(1),
        };
        int owned = 0;
        Thread successor = new(() => owned = Add(s_second, 2, contest));
        successor.Start();
        waits.Wait(TestContext.Current.CancellationToken);
        AssertTarget(s_first, 1);
        _ = Remove(s_first, 1);
        Assert.True(successor.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(2, owned);
        AssertTarget(s_second, 2);
    }

    [Fact]
    public void A_predecessor_that_goes_before_the_successor_listens_is_not_waited_for()
    {
        _ = Add(s_first, 1);
        bool gone = false;
        Contest contest = s_shared with
        {
            IsShared = (_, _) =>
            {
                if (!gone)
                    _ = Remove(s_first, 1);
                gone = true;
                return false;
            },
            Patience = TimeSpan.FromHours(1),
        };
        Assert.Equal(2, Add(s_second, 2, contest));
    }

    [Fact]
    public void Waiting_ends_and_nothing_is_left()
    {
        _ = Add(s_first, 1);
        string before = Listing();
        Contest contest = s_shared with { IsShared = static (_, _) => false, Patience = TimeSpan.FromMilliseconds(50) };
        TestCall.AssertFails(CniErrorCode.AlreadyExists, ["tcp port 8080"], () => Add(s_second, 2, contest));
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void A_predecessor_that_dies_without_a_DEL_is_noticed_at_the_end()
    {
        _ = Add(s_first, 1);
        int looks = 0;
        Contest contest = s_shared with
        {
            IsShared = (_, _) =>
            {
                if (++looks == 2)
                    NodeProgram.Run(Node, $"ip link delete {s_first.HostInterfaceName}");
                return false;
            },
            Patience = TimeSpan.FromMilliseconds(50),
        };
        Assert.Equal(2, Add(s_second, 2, contest));
    }
}
