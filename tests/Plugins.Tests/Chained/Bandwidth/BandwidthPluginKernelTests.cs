using System.Text;
using Cni;
using Datapath.Attachments;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Tests.Chained.Bandwidth;

/// <summary>The plugin in the test's own process, on a veth pair that another plugin is said to have made.</summary>
public sealed class BandwidthPluginKernelTests : BandwidthKernelTest
{
    [Fact]
    public void ADD_shapes_both_ways_and_adds_its_interface_to_the_result()
    {
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(Add()), "1.1.0");

        AssertShaped();
        Assert.Equal([HostName, "eth0", IfbName], result.Interfaces.Select(entry => entry.Name));
        Assert.Equal(Ifb!.Mac.ToString(), result.Interfaces[2].Mac);
        Assert.Null(result.Interfaces[2].Sandbox);
        Assert.Equal((1400, true, 0, "ifb"), (Ifb.Mtu, Ifb.IsUp, Ifb.TxQueueLength, Ifb.Kind));
        Assert.StartsWith($"{Tag.Text} ingress pods c1 eth0", Ifb.Alias, StringComparison.Ordinal);
        Assert.Equal("ingress", Entrance);
        Assert.Empty(Warnings);
        Check();
        Assert.Empty(Warnings);
    }

    [Theory]
    [InlineData("\"ingressRate\": 1000000, \"ingressBurst\": 800000")]
    [InlineData("\"egressRate\": 2000000, \"egressBurst\": 1600000")]
    public void One_way_leaves_the_other_alone(string members)
    {
        bool ingress = members.Contains("ingress", StringComparison.Ordinal);
        _ = Add(members);
        Assert.Equal(ingress ? Slow : null, Root(HostEnd).Bucket);
        Assert.Equal(ingress, Ifb is null);
        Assert.Equal(ingress ? null : "ingress", Entrance);
        Run("CHECK", $"{members}, {PrevResultOfChain}");
        Run("DEL", members);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 0, \"ingressBurst\": 0, \"egressRate\": 0, \"egressBurst\": 0}}, ")]
    public void With_nothing_to_do_the_prevResult_is_the_result(string members)
    {
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(Run("ADD", members + PrevResult())), "1.1.0");
        Assert.Equal([HostName, "eth0"], result.Interfaces.Select(entry => entry.Name));
        AssertNothingIsLeft();
        Run("CHECK", members + PrevResult());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void DEL_removes_everything_however_little_it_is_told(bool prevResult, bool rates)
    {
        _ = Add();
        string members = (rates, prevResult) switch
        {
            (true, true) => $"{Both}, {PrevResultOfChain}",
            (true, false) => Both,
            (false, true) => PrevResultOfChain,
            _ => "",
        };
        for (int round = 0; round < 3; round++)
        {
            Assert.Empty(Run("DEL", members));
            AssertNothingIsLeft();
        }
    }

    [Fact]
    public void DEL_without_a_namespace_finds_the_host_end_by_its_name()
    {
        NodeClient.SetLink(HostEnd, new LinkChange { Name = Tag.HostInterfaceName, Alias = Tag.Alias([]) });
        Run("ADD", $"{Both}, {PrevResult().Replace(HostName, Tag.HostInterfaceName, StringComparison.Ordinal)}");
        Assert.NotNull(Ifb);
        Run("DEL", "", netns: false);
        NodeClient.SetLink(IndexOf(Tag.HostInterfaceName), new LinkChange { Name = HostName });
        AssertNothingIsLeft();
    }

    [Fact]
    public void DEL_without_a_link_removes_the_interface()
    {
        _ = Add();
        Assert.True(NodeClient.TryDeleteLink(HostEnd));
        Run("DEL", Both);
        Assert.Null(Ifb);
        Run("DEL", "", netns: false);
    }

    [Fact]
    public void A_repeated_ADD_replaces_what_is_there()
    {
        _ = Add("\"ingressRate\": 8000, \"ingressBurst\": 800000, \"egressRate\": 8000, \"egressBurst\": 1600000");
        int first = Ifb!.Index;
        _ = Add();
        AssertShaped();
        Assert.NotEqual(first, Ifb!.Index);
        Assert.Single(Filters);
        _ = Add("\"egressRate\": 2000000, \"egressBurst\": 1600000");
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Single(Filters);
        Run("DEL", "");
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("link")]
    [InlineData("filter")]
    [InlineData("bucket")]
    [InlineData("entrance")]
    public void A_half_made_state_is_repaired_and_removed(string missing)
    {
        foreach (string verb in (string[])["ADD", "DEL"])
        {
            _ = Add();
            switch (missing)
            {
                case "link": Assert.True(NodeClient.TryDeleteLink(IfbName)); break;
                case "filter": NodeClient.Execute(new RouteBatch().DeleteFilter(Assert.Single(Filters))); break;
                case "bucket": Tc($"qdisc del dev {IfbName} root"); break;
                default: Tc($"qdisc del dev {HostName} ingress"); break;
            }
            if (verb == "ADD")
            {
                _ = Add();
                AssertShaped();
                Check();
                Run("DEL", "");
            }
            else
            {
                Run("DEL", "");
            }
            Assert.Null(Ifb);
            Assert.Empty(Filters);
            Assert.True(Root(HostEnd).IsDefault);
        }
    }

    [Fact]
    public void CHECK_names_what_is_missing_or_different()
    {
        _ = Add();
        Tc($"qdisc change dev {HostName} root handle 1: tbf rate 3mbit burst 100000b limit 103125b");
        CheckFails($"tbf 1: of {HostName}", "ingressRate", "375000");
        Tc($"qdisc del dev {HostName} root");
        CheckFails(HostName, "no root qdisc tbf", "ingressRate");
        _ = Add();
        NodeClient.SetLink(Ifb!.Index, new LinkChange { Up = false });
        CheckFails(IfbName, "down");
        _ = Add();
        Tc($"qdisc del dev {IfbName} root");
        CheckFails(IfbName, "no root qdisc tbf", "egressRate");
        _ = Add();
        NodeClient.Execute(new RouteBatch().DeleteFilter(Assert.Single(Filters)));
        CheckFails(HostName, "no filter", IfbName);
        Tc($"qdisc del dev {HostName} ingress");
        CheckFails(HostName, "no qdisc ingress or clsact");
        Assert.True(NodeClient.TryDeleteLink(IfbName));
        CheckFails(IfbName, "does not exist");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        CheckFails("eth0", "does not exist");
    }

    [Fact]
    public void An_interface_without_a_host_end_is_refused_before_anything_is_changed()
    {
        Assert.True(PodClient.TryDeleteLink("eth0"));
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "does not exist");
        PodClient.CreateLink(new IfbSpec { Name = "eth0" });
        AddFails(2, $"{Both}, {PrevResult()}", "eth0", "ifb", "no veth");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        PodClient.CreateLink(new VethSpec { Name = "eth0", Peer = new VethPeer { Name = "eth1" } });
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "network namespace, where alone");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        _ = MakeVeth("stranger");
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "stranger", "prevResult.interfaces");
        Assert.Null(Ifb);
    }

    [Fact]
    public void A_failed_ADD_leaves_nothing()
    {
        // Taken by something that is not ours to delete.
        NodeClient.CreateLink(new VethSpec { Name = IfbName, Peer = new VethPeer { Name = "other" } });
        AddFails(103, $"{Both}, {PrevResult()}", IfbName);
        Assert.Equal("veth", Ifb!.Kind);
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Null(Entrance);
        Run("DEL", "");
        Assert.Equal("veth", Ifb.Kind);
    }

    [Fact]
    public void A_burst_below_a_packet_is_warned_of()
    {
        _ = Add("\"ingressRate\": 8, \"ingressBurst\": 8, \"egressRate\": 2000000, \"egressBurst\": 11312");
        string warning = Assert.Single(Warnings);
        Assert.All(["ingressBurst is 1 bytes", "1414", HostName], word => Assert.Contains(word, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void GC_removes_what_no_attachment_owns()
    {
        NodeClient.SetLink(HostEnd, new LinkChange { Name = Tag.HostInterfaceName, Alias = Tag.Alias([]) });
        Run("ADD", $"{Both}, {PrevResult().Replace(HostName, Tag.HostInterfaceName, StringComparison.Ordinal)}");
        NodeClient.CreateLink(new IfbSpec { Name = "foreign" });
        AttachmentTag other = new("others", "c1", "eth0");
        NodeClient.CreateLink(new IfbSpec { Name = other.IfbName });
        NodeClient.SetLink(IndexOf(other.IfbName), new LinkChange { Alias = other.Alias("ingress") });

        Run("GC", Valid("c1", "eth0"));
        Assert.NotNull(Ifb);
        Run("GC", Valid("c1", "net1"));

        NodeClient.SetLink(IndexOf(Tag.HostInterfaceName), new LinkChange { Name = HostName });
        AssertNothingIsLeft();
        Assert.NotNull(NodeClient.FindLink("foreign"));
        Assert.NotNull(NodeClient.FindLink(other.IfbName));
    }
}
