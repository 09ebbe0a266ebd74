using Netlink.Route.Links;
using Netlink.Route.TrafficControl;
using Plugins.Chained.Bandwidth;

namespace Plugins.Tests.Chained.Bandwidth;

/// <summary>What other programs, and the reference, have on the interface that <c>bandwidth</c> works on.</summary>
public sealed class BandwidthNeighbourKernelTests : BandwidthKernelTest
{
    [Theory]
    [InlineData("ingress", "")]
    [InlineData("clsact", "")]
    [InlineData("ingress", "prio 1 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    [InlineData("clsact", "prio 1 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    [InlineData("clsact", "prio 1 bpf da bytecode '1,6 0 0 4294967295'")]
    [InlineData("clsact", "prio 65535 bpf da bytecode '1,6 0 0 4294967295'")]
    [InlineData("clsact", "prio 65535 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    public void Other_programs_qdiscs_and_filters_stay(string entrance, string filter)
    {
        Tc($"qdisc add dev {HostName} {entrance}");
        if (filter.Length > 0)
            Tc($"filter add dev {HostName} parent ffff:fff2 protocol all {filter}");
        List<Filter> before = Filters;

        for (int round = 0; round < 2; round++)
        {
            _ = Add();
            AssertShaped();
            Check();
            Assert.Equal(before.Count + 1, Filters.Count);
            Assert.Equal(entrance, Entrance);
        }
        Run("DEL", "");

        Assert.Equal(before.Select(foreign => foreign.Handle), Filters.Select(foreign => foreign.Handle));
        Assert.Equal(entrance, Entrance);
        Assert.Null(Ifb);
        Assert.True(Root(HostEnd).IsDefault);
    }

    [Fact]
    public void An_ingress_qdisc_of_ours_in_which_another_program_has_a_filter_by_now_stays()
    {
        _ = Add();
        Tc($"filter add dev {HostName} ingress protocol all prio 9 bpf da bytecode '1,6 0 0 0'");
        Run("DEL", "");
        Assert.Equal("bpf", Assert.Single(Filters).Kind);
    }

    [Fact]
    public void CHECK_warns_of_what_may_end_the_chain()
    {
        Tc($"qdisc add dev {HostName} clsact");
        Tc($"filter add dev {HostName} ingress protocol ip prio 3 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue");
        Tc($"filter add dev {HostName} ingress protocol all prio 9 bpf da bytecode '1,6 0 0 0'");
        _ = Add();
        Check();
        string warning = Assert.Single(Warnings);
        Assert.All(["bpf", "priority 9", HostName, IfbName], word => Assert.Contains(word, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_root_qdisc_of_another_program_is_refused_before_anything_is_changed()
    {
        Tc($"qdisc add dev {HostName} root handle 7: tbf rate 3mbit burst 100000b limit 103125b");
        AddFails(103, $"{Both}, {PrevResult()}", HostName, "tbf 7:", "ingressRate");
        Assert.Null(Ifb);
        Assert.Null(Entrance);
        Run("DEL", "");
        Assert.Equal(7, Root(HostEnd).Handle.Major);
        _ = Add("\"egressRate\": 2000000, \"egressBurst\": 1600000");
        Assert.Equal(7, Root(HostEnd).Handle.Major);
    }

    [Fact]
    public void The_references_interface_goes_with_DEL_and_as_an_orphan_with_GC()
    {
        // printf podsc1 | sha512sum | cut -c1-12; printf podsc2
        string mine = ReferenceIfb.NameOf("pods", "c1"), other = ReferenceIfb.NameOf("pods", "c2");
        Assert.Equal("bwp48c5963fc74e", mine);
        foreach (string name in (string[])[mine, other])
        {
            NodeClient.CreateLink(new IfbSpec { Name = name, Up = true });
            Tc($"qdisc add dev {name} root handle 1: tbf rate 2mbit burst 200000b limit 206250b");
        }
        Tc($"qdisc add dev {HostName} ingress");
        Tc(
            $"filter add dev {HostName} parent ffff: protocol all prio 1 u32 match u32 0 0 flowid 1:1 action mirred egress redirect dev "
            + $"{mine}");
        Tc($"qdisc add dev {HostName} root handle 1: tbf rate 1mbit burst 100000b limit 103125b");
        Check();

        Run("GC", Valid("c2", "eth0"));
        Assert.NotNull(NodeClient.FindLink(other));
        Run("GC", "");
        Assert.Null(NodeClient.FindLink(other));
        Assert.NotNull(NodeClient.FindLink(mine));
        Run("DEL", "");
        Assert.Null(NodeClient.FindLink(mine));
        AssertNothingIsLeft();
    }
}
