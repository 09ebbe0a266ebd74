using Linux;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;
using TestKit;

namespace Netlink.Tests.Route;

/// <summary>Qdiscs and filters on links of a new network namespace.</summary>
public sealed class TrafficControlKernelTests : KernelTest
{
    private const int Veth = 100;
    private const int Peer = 200;
    private const int Ifb = 300;

    private static readonly TcHandle One = new(1, 0);
    private static readonly TokenBucket Megabit = new() { Rate = 125_000, Limit = 103_125, Buffer = 12_500_000 };

    public TrafficControlKernelTests() => Client.CreateLink(
        new VethSpec { Name = "veth0", Index = Veth, Up = true, Peer = new VethPeer { Name = "peer0", Index = Peer } });

    [Theory]
    [InlineData(1UL)]
    [InlineData(125_000UL)]
    [InlineData(4_294_967_295UL)]
    [InlineData(4_294_967_296UL)]
    [InlineData(50_000_000_000UL)]
    public void A_token_bucket_is_read_back_as_it_was_made(ulong rate)
    {
        TokenBucket bucket = new() { Rate = rate, Limit = 4_294_967_295, Buffer = 4_294_967_295 };
        Client.Execute(new RouteBatch().AddQdisc(new TbfSpec { LinkIndex = Veth, Handle = One, Bucket = bucket }));

        Assert.Equal(new Qdisc { LinkIndex = Veth, Parent = TcHandle.Root, Handle = One, Kind = "tbf", Bucket = bucket }, Root());
    }

    [Fact]
    public void A_token_bucket_can_be_set_again_and_not_added_again()
    {
        Assert.True(Root()!.IsDefault);
        TbfSpec slow = new() { LinkIndex = Veth, Handle = One, Bucket = Megabit };
        TbfSpec fast = slow with { Bucket = Megabit with { Rate = 5_000_000_000, Limit = 1_000_000 } };
        Client.Execute(new RouteBatch().SetQdisc(slow));
        Assert.Equal([Errno.EEXIST], Refusals(new RouteBatch().AddQdisc(fast)));
        Assert.Equal(slow.Bucket, Root()!.Bucket);
        Client.Execute(new RouteBatch().SetQdisc(fast));
        Assert.Equal(fast.Bucket, Root()!.Bucket);
        Client.Execute(new RouteBatch().SetQdisc(slow));
        Assert.Equal(slow.Bucket, Root()!.Bucket);
    }

    [Fact]
    public void A_root_qdisc_of_another_handle_is_neither_replaced_nor_deleted()
    {
        TbfSpec foreign = new() { LinkIndex = Veth, Handle = new TcHandle(7, 0), Bucket = Megabit };
        Client.Execute(new RouteBatch().AddQdisc(foreign));

        Assert.Equal([Errno.EEXIST], Refusals(new RouteBatch().SetQdisc(foreign with { Handle = One })));
        Assert.Equal([Errno.EINVAL], Refusals(new RouteBatch().DeleteQdisc(Veth, TcHandle.Root, One, "tbf")));
        Assert.Equal([Errno.EINVAL], Refusals(new RouteBatch().DeleteQdisc(Veth, TcHandle.Root, foreign.Handle, "htb")));
        Assert.Equal(foreign.Handle, Root()!.Handle);
        Client.Execute(new RouteBatch().DeleteQdisc(Veth, TcHandle.Root, foreign.Handle));
        Assert.True(Root()!.IsDefault);
        Assert.Equal([Errno.EINVAL], Refusals(new RouteBatch().DeleteQdisc(Veth, TcHandle.Root, One, "tbf")));
    }

    [Fact]
    public void What_is_not_there_is_null()
    {
        Assert.Null(Client.FindQdisc(Peer, TcHandle.Root)?.Bucket);
        Assert.Null(Client.FindQdisc(Veth, TcHandle.Ingress));
        Client.Execute(new RouteBatch().AddQdisc(new IngressSpec { LinkIndex = Veth }));
        Client.Execute(new RouteBatch().DeleteQdisc(Veth, TcHandle.Ingress, TcHandle.IngressQdisc, "ingress"));
        Assert.Null(Client.FindQdisc(Veth, TcHandle.Ingress));
        Assert.Empty(Client.ListFilters(Veth, TcHandle.IngressFilters));
        Assert.Empty(Client.ListFilters(4711, TcHandle.IngressFilters));
        Assert.Equal(Errno.ENODEV, Assert.Throws<NetlinkException>(() => Client.FindQdisc(4711, TcHandle.Root)).Errno);
    }

    [Theory]
    [InlineData("ingress")]
    [InlineData("clsact")]
    public void A_filter_redirects_wherever_packets_enter(string kind)
    {
        QdiscSpec entrance = kind == "ingress" ? new IngressSpec { LinkIndex = Veth } : new ClsactSpec { LinkIndex = Veth };
        U32RedirectSpec spec = new()
        {
            LinkIndex = Veth,
            Parent = TcHandle.IngressFilters,
            Priority = 65535,
            ClassId = new TcHandle(1, 1),
            Target = Ifb,
        };
        Client.Execute(new RouteBatch()
            .CreateLink(new IfbSpec { Name = "ifb0", Index = Ifb, Mtu = 1400, TxQueueLength = 0, Up = true })
            .AddQdisc(entrance)
            .AddFilter(spec)
            .AddFilter(spec with { Priority = 5 }));

        Assert.Equal(("ifb", 1400, true), (Client.FindLink("ifb0")!.Kind, Client.FindLink("ifb0")!.Mtu, Client.FindLink("ifb0")!.IsUp));
        Assert.Equal(kind, Client.FindQdisc(Veth, TcHandle.Ingress)!.Kind);
        List<Filter> filters = Client.ListFilters(Veth, TcHandle.IngressFilters);
        Assert.Equal([5, 65535], filters.Select(filter => (int)filter.Priority));
        Assert.All(filters, filter => Assert.Equal(Ifb, Assert.Single(filter.Actions).RedirectTarget));
        Client.Execute(new RouteBatch().DeleteFilter(filters[1]));
        Assert.Equal(filters[0].Handle, Assert.Single(Client.ListFilters(Veth, TcHandle.IngressFilters)).Handle);
        Assert.Equal([Errno.ENOENT], Refusals(new RouteBatch().DeleteFilter(filters[1])));
        // What remains leads nowhere once the interface is gone.
        Assert.True(Client.TryDeleteLink(Ifb));
        Assert.Equal(0, Assert.Single(Assert.Single(Client.ListFilters(Veth, TcHandle.IngressFilters)).Actions).RedirectTarget);
    }

    [Fact]
    public void Filters_that_share_a_priority_are_told_apart()
    {
        Tc("qdisc add dev veth0 clsact");
        Tc("filter add dev veth0 ingress protocol all prio 65535 u32 match ip dst 192.0.2.1 action mirred egress redirect dev peer0");
        Client.Execute(new RouteBatch()
            .CreateLink(new IfbSpec { Name = "ifb0", Index = Ifb, Up = true })
            .AddFilter(new U32RedirectSpec
            {
                LinkIndex = Veth,
                Parent = TcHandle.IngressFilters,
                Priority = 65535,
                ClassId = new TcHandle(1, 1),
                Target = Ifb,
            }));

        List<Filter> filters = Client.ListFilters(Veth, TcHandle.IngressFilters);
        Assert.Equal([Peer, Ifb], filters.Select(filter => filter.Actions[0].RedirectTarget!.Value));
        Client.Execute(new RouteBatch().DeleteFilter(filters[1]));
        Assert.Equal(Peer, Assert.Single(Client.ListFilters(Veth, TcHandle.IngressFilters)).Actions[0].RedirectTarget);
    }

    [Fact]
    public void Filters_of_other_kinds_tell_whether_they_can_end_the_chain()
    {
        Tc("qdisc add dev veth0 clsact");
        Tc("filter add dev veth0 ingress protocol ip prio 1 u32 match ip dst 192.0.2.1 action mirred egress mirror dev peer0 continue");
        Tc("filter add dev veth0 ingress protocol ip prio 2 u32 match ip dst 192.0.2.1 action mirred egress mirror dev peer0 pipe");
        Tc("filter add dev veth0 ingress protocol ip prio 3 u32 match ip dst 192.0.2.1 "
            + "action mirred egress mirror dev peer0 pipe action mirred egress mirror dev peer0 continue");
        Tc("filter add dev veth0 ingress protocol ip prio 4 u32 match ip dst 192.0.2.1 flowid 1:1");
        Tc("filter add dev veth0 ingress protocol all prio 5 bpf da bytecode '1,6 0 0 4294967295'");
        Tc("filter add dev veth0 ingress protocol all prio 6 bpf bytecode '1,6 0 0 4294967295' "
            + "action mirred egress mirror dev peer0 continue");

        List<Filter> filters = Client.ListFilters(Veth, TcHandle.IngressFilters);

        Assert.Equal(["u32", "u32", "u32", "u32", "bpf", "bpf"], filters.Select(filter => filter.Kind));
        Assert.Equal([false, true, false, true, true, false], filters.Select(filter => filter.MayEndChain));
    }

    private Qdisc? Root() => Client.FindQdisc(Veth, TcHandle.Root);

    private IEnumerable<Errno> Refusals(RouteBatch batch) => Client.TryExecute(batch).Select(refusal => refusal.Errno);

    private void Tc(string arguments) => TcProgram.Run(Namespace, arguments);
}
