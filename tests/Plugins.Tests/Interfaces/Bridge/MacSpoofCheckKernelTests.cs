using System.Diagnostics;
using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Plugins.Interfaces;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class MacSpoofCheckKernelTests : NodeKernelTest
{
    private static readonly AttachmentTag s_other = new("pods", "c2", "eth0");
    private static readonly MacAddress s_mac = TestCall.Mac("02:00:00:00:00:05");

    private static string Port => Tag.HostInterfaceName;

    private void Add(AttachmentTag tag, MacAddress mac) => InAdd(undo => MacSpoofCheck.Add(tag, tag.HostInterfaceName, mac, undo));

    private void Check() => Node.Run(() => MacSpoofCheck.Check(Tag, Port, s_mac));

    private void Remove(string members = "") => _ = InCall("DEL", members, call =>
    {
        using NftClient nft = NftClient.Open();
        MacSpoofCheck.Rules.Remove(nft, new DetachContext(call, Tag));
        return true;
    });

    private static string PrevResult(MacAddress mac) =>
        $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "br0"}, {"name": "eth0", "mac": "{{mac}}", "sandbox": "x"}]}
        """;

    private void AssertNothingOf(AttachmentTag tag) => Assert.DoesNotContain(tag.Text, NftProgram.List(Node), StringComparison.Ordinal);

    [Fact]
    public void Nft_lists_what_is_meant()
    {
        Add(Tag, s_mac);
        NftProgram.AssertListing(Node, $$"""
            table bridge cniplugin {
                set ports {
                    type ifname
                    elements = { "{{Port}}" comment "{{Tag.Text}} pods c1 eth0" }
                }
                set pairs {
                    type ifname . ether_addr
                    elements = { "{{Port}}" . 02:00:00:00:00:05 comment "{{Tag.Text}} pods c1 eth0" }
                }
                chain prerouting {
                    type filter hook prerouting priority dstnat; policy accept;
                    iifname @ports iifname . ether saddr != @pairs drop
                }
            }
            """);
    }

    [Fact]
    public void Rules_do_not_grow_with_pods()
    {
        for (int pod = 0; pod < 100; pod++)
            Add(new AttachmentTag("pods", $"c{pod}", "eth0"), s_mac);
        using NftClient nft = NftClient.Open(Node);
        NftTable table = Assert.Single(nft.ListTables());
        _ = Assert.Single(nft.ListChains(table));
        _ = Assert.Single(nft.ListRules(table));
    }

    [Fact]
    public void Frames_from_another_mac_are_dropped_and_all_others_pass()
    {
        int bridge = MakeBridge();
        NodeClient.AddAddress(bridge, new AddressSpec { Address = TestCall.Prefix("10.1.2.1/24") });
        using NetworkNamespace otherPod = NetworkNamespace.Create();
        Attach(Tag, Pod, bridge, "10.1.2.5/24");
        Attach(s_other, otherPod, bridge, "10.1.2.6/24");
        Add(Tag, PodClient.FindLink("eth0")!.Mac!.Value);
        Assert.True(Reaches(Pod, "10.1.2.1"));
        Assert.True(Reaches(Pod, "10.1.2.6"));
        Assert.True(Reaches(otherPod, "10.1.2.5"));

        // It sends from the address of a device that stands on its own interface, which keeps its own.
        _ = Tool(Pod, "ip", "link add spoof link eth0 address 02:00:00:00:00:66 type macvlan mode bridge");
        _ = Tool(Pod, "ip", "address add 10.1.2.66/24 dev spoof");
        _ = Tool(Pod, "ip", "link set spoof up");
        Assert.False(Reaches(Pod, "10.1.2.1", "-I", "spoof"));
        Assert.True(Reaches(Pod, "10.1.2.1", "-I", "eth0"));
        _ = Tool(Pod, "ip", "link delete spoof");

        MacAddress own = PodClient.FindLink("eth0")!.Mac!.Value;
        PodClient.SetLink(PodClient.FindLink("eth0")!.Index, new LinkChange { Mac = TestCall.Mac("02:00:00:00:00:66") });
        Assert.False(Reaches(Pod, "10.1.2.1"));
        Assert.True(Reaches(otherPod, "10.1.2.1"));
        PodClient.SetLink(PodClient.FindLink("eth0")!.Index, new LinkChange { Mac = own });
        Assert.True(Reaches(Pod, "10.1.2.1"));

        using RouteClient inside = RouteClient.Open(otherPod);
        inside.SetLink(inside.FindLink("eth0")!.Index, new LinkChange { Mac = TestCall.Mac("02:00:00:00:00:67") });
        Assert.True(Reaches(otherPod, "10.1.2.1"));
    }

    [Fact]
    public void CHECK_names_the_element_or_chain_that_is_missing()
    {
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["chain bridge cniplugin prerouting"], Check);
        Add(Tag, s_mac);
        Check();
        NftProgram.Load(Node, $"delete element bridge cniplugin pairs {{ {Port} . {s_mac} }}");
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["set bridge cniplugin pairs", $"{Port} . {s_mac}"], Check);
        NftProgram.Load(Node, $"delete element bridge cniplugin ports {{ {Port} }}");
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["set bridge cniplugin ports", Port], Check);
        NftProgram.Load(Node, "flush chain bridge cniplugin prerouting");
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["chain bridge cniplugin prerouting", "next ADD restores it"], Check);
        Add(s_other, s_mac);
        Add(Tag, s_mac);
        Check();
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void DEL_removes_both_elements_whatever_it_is_told(string? members)
    {
        Add(Tag, s_mac);
        Add(s_other, s_mac);
        Remove(members ?? PrevResult(s_mac));
        AssertNothingOf(Tag);
        Assert.Contains(s_other.Text, NftProgram.List(Node), StringComparison.Ordinal);
        Remove(members ?? PrevResult(s_mac));
    }

    [Fact]
    public void DEL_that_is_told_an_old_mac_removes_all_the_same()
    {
        Add(Tag, s_mac);
        Remove(PrevResult(TestCall.Mac("02:00:00:00:00:99")));
        AssertNothingOf(Tag);
    }

    [Fact]
    public void DEL_removes_nothing_where_nothing_is() => Remove();

    [Fact]
    public void Repeated_ADD_forgets_the_mac_of_one_that_was_killed()
    {
        Add(Tag, TestCall.Mac("02:00:00:00:00:99"));
        Add(Tag, s_mac);
        Check();
        Assert.DoesNotContain("02:00:00:00:00:99", NftProgram.List(Node), StringComparison.Ordinal);
    }

    [Fact]
    public void ADD_that_fails_later_leaves_the_port_unguarded()
    {
        _ = Assert.Throws<InvalidOperationException>(() => InAdd(undo =>
        {
            MacSpoofCheck.Add(Tag, Port, s_mac, undo);
            throw new InvalidOperationException();
        }));
        AssertNothingOf(Tag);
    }

    [Fact]
    public void GC_removes_what_is_not_valid()
    {
        Add(Tag, s_mac);
        Add(s_other, s_mac);
        _ = InCall("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c2\", \"ifname\": \"eth0\"}]", call =>
        {
            using NftClient nft = NftClient.Open();
            MacSpoofCheck.Rules.RemoveAllBut(nft, new GcScope(call));
            return true;
        });
        AssertNothingOf(Tag);
        Assert.Contains(s_other.Text, NftProgram.List(Node), StringComparison.Ordinal);
    }

    private void Attach(AttachmentTag tag, NetworkNamespace pod, int bridge, string address)
    {
        VethPair pair = VethPair.Create(
            NodeClient, pod, "eth0", tag, podMac: null, mtu: 1500, new LinkChange { Master = bridge }, new PendingVeth());
        using RouteClient inside = RouteClient.Open(pod);
        inside.AddAddress(pair.PodIndex, new AddressSpec { Address = TestCall.Prefix(address) });
        inside.SetLink(pair.PodIndex, new LinkChange { Up = true });
        Assert.True(
            SpinWait.SpinUntil(
                () => NodeClient.FindLink(pair.HostIndex)!.OperationalState == OperationalState.Up, TimeSpan.FromSeconds(10)));
    }

    private static bool Reaches(NetworkNamespace from, string address, params string[] options) =>
        Tool(from, "ping", $"-n -c1 -W1 {string.Join(' ', options)} {address}") == 0;

    private static int Tool(NetworkNamespace where, string name, string arguments) => where.Run(() =>
    {
        using Process process = Process.Start(
            new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    });
}
