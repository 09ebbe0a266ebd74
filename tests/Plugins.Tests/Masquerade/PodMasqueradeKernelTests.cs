using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Route.Links;
using Plugins.Masquerade;
using TestKit;

namespace Plugins.Tests.Masquerade;

public sealed class PodMasqueradeKernelTests : NodeKernelTest
{
    private static readonly AttachmentTag s_other = new("other", "c2", "eth0");

    private static readonly MasqueradeSettings s_plain = new(null, null, IsFullyRandom: false);

    private readonly NftClient _nft;

    public PodMasqueradeKernelTests() => _nft = NftClient.Open(Node);

    public override void Dispose()
    {
        _nft.Dispose();
        base.Dispose();
    }

    private void Add(AttachmentTag tag, params string[] addresses) =>
        InAdd(undo => PodMasquerade.Add(tag, s_plain, Prefixes(addresses), undo));

    private void Remove(AttachmentTag tag, params string[] addresses) => Node.Run(() =>
    {
        using NftClient nft = NftClient.Open();
        PodMasquerade.Remove(nft, tag, Prefixes(addresses), []);
    });

    private void Check(AttachmentTag tag, params string[] addresses) =>
        Node.Run(() => PodMasquerade.Check(tag, s_plain, Prefixes(addresses)));

    private static IpPrefix[] Prefixes(string[] addresses) => [.. addresses.Select(TestCall.Prefix)];

    /// <summary>Who has an address.</summary>
    private string? OwnerOf(string address) =>
        _nft.FindElement(MasqueradeRuleset.Map(TestCall.Prefix(address).Family), NftValue.Of(TestCall.Prefix(address).Address))?.Comment;

    /// <summary>Makes the holder of a tag look alive: its host end exists.</summary>
    private void MakeAlive(AttachmentTag tag) =>
        NodeClient.CreateLink(new VethSpec { Name = tag.HostInterfaceName, Peer = new VethPeer { Name = "peer" } });

    [Fact]
    public void Nft_lists_what_is_meant()
    {
        Add(Tag, "10.1.2.5/24", "fd00:1::5/64");
        NftProgram.AssertListing(Node, $$"""
            table inet cniplugin {
                map masq4 {
                    type ipv4_addr : verdict
                    elements = { 10.1.2.5 comment "{{Tag.Text}} pods c1 eth0" : goto masq_10.1.2.0_24 }
                }
                map masq6 {
                    type ipv6_addr : verdict
                    elements = { fd00:1::5 comment "{{Tag.Text}} pods c1 eth0" : goto masq_fd00_1___64 }
                }
                chain masq_10.1.2.0_24 {
                    ip daddr 10.1.2.0/24 return
                    ip daddr 224.0.0.0/4 return
                    masquerade
                }
                chain masq_fd00_1___64 {
                    ip6 daddr fd00:1::/64 return
                    ip6 daddr ff00::/8 return
                    masquerade
                }
                chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr vmap @masq4
                    ip6 saddr vmap @masq6
                }
            }
            """);
    }

    [Fact]
    public void Source_and_random_ports_are_a_chain_of_their_own()
    {
        MasqueradeSettings settings = new(System.Net.IPAddress.Parse("192.0.2.1"), null, IsFullyRandom: true);
        IpPrefix[] addresses = Prefixes(["10.1.2.5/24", "fd00:1::5/64"]);
        InAdd(undo => PodMasquerade.Add(Tag, settings, addresses, undo));
        Add(s_other, "10.1.2.6/24");
        string[] lines = NftProgram.Lines(NftProgram.List(Node));
        Assert.Equal("snat ip to 192.0.2.1 fully-random", lines[Array.IndexOf(lines, "chain masq_10.1.2.0_24_as_192.0.2.1_random {") + 3]);
        Assert.Equal("masquerade fully-random", lines[Array.IndexOf(lines, "chain masq_fd00_1___64_random {") + 3]);
        Assert.Equal("masquerade", lines[Array.IndexOf(lines, "chain masq_10.1.2.0_24 {") + 3]);
        Node.Run(() => PodMasquerade.Check(Tag, settings, addresses));
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["10.1.2.5"], () => Check(Tag, "10.1.2.5/24"));
        MasqueradeSettings source6 = new(null, System.Net.IPAddress.Parse("2001:db8::1"), IsFullyRandom: false);
        InAdd(undo => PodMasquerade.Add(Tag, source6, addresses, undo));
        Assert.Contains("snat ip6 to 2001:db8::1", NftProgram.Lines(NftProgram.List(Node)));
        Remove(Tag, "10.1.2.5/24", "fd00:1::5/64");
        Assert.Null(OwnerOf("fd00:1::5/64"));
    }

    /// <summary>Makes the holders of two tags look alive, each on a bridge.</summary>
    private void Join(AttachmentTag first, string bridge, AttachmentTag second, string otherBridge) => NodeProgram.Run(Node, $"""
        ip link add {bridge} type bridge; ip link show {otherBridge} >/dev/null 2>&1 || ip link add {otherBridge} type bridge
        ip link add {first.HostInterfaceName} master {bridge} type veth peer name p1;
        ip link add {second.HostInterfaceName} master {otherBridge} type veth peer name p2
        """);

    [Fact]
    public void Networks_that_never_meet_have_the_same_address_side_by_side()
    {
        Join(Tag, "br1", s_other, "br2");
        Add(Tag, "10.1.2.5/24", "fd00:1::5/64");
        Add(s_other, "10.1.2.5/24", "fd00:1::5/64");
        Check(Tag, "10.1.2.5/24", "fd00:1::5/64");
        Check(s_other, "10.1.2.5/24", "fd00:1::5/64");
        Remove(Tag, "10.1.2.5/24", "fd00:1::5/64");
        Check(s_other, "10.1.2.5/24", "fd00:1::5/64");
        Remove(s_other);
        Assert.DoesNotContain("comment", NftProgram.List(Node), StringComparison.Ordinal);
        Assert.DoesNotContain("heirs", NftProgram.List(Node), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br1", "10.1.2.5/24", "share a bridge")]
    [InlineData("br2", "10.1.2.5/16", "treat it differently")]
    public void Networks_that_meet_are_refused_naming_both(string bridge, string address, string why)
    {
        Join(s_other, "br1", Tag, bridge);
        Add(s_other, "10.1.2.5/24");
        TestCall.AssertFails(
            CniErrorCode.AlreadyExists,
            ["network pods: the address 10.1.2.5", "network other, container c2, interface eth0", why],
            () => Add(Tag, "10.1.2.4/24", address));
        Assert.Equal(s_other.Comment(), OwnerOf("10.1.2.5/24"));
        Assert.Null(OwnerOf("10.1.2.4/24"));
        Assert.DoesNotContain("heirs", NftProgram.List(Node), StringComparison.Ordinal);
    }

    [Fact]
    public void Address_without_a_subnet_is_one_of_its_own()
    {
        Add(Tag, "10.9.0.5/32", "fd00::5/128");
        string[] lines = NftProgram.Lines(NftProgram.List(Node));
        Assert.Contains("chain masq_10.9.0.5_32 {", lines);
        Assert.Contains("ip daddr 10.9.0.5 return", lines);
        Assert.Contains("chain masq_fd00__5_128 {", lines);
        Assert.Contains("ip6 daddr fd00::5 return", lines);
        Check(Tag, "10.9.0.5/32", "fd00::5/128");
    }

    [Fact]
    public void CHECK_passes_behind_ADD_and_fails_behind_DEL()
    {
        Add(Tag, "10.1.2.5/24", "fd00::5/64");
        Check(Tag, "10.1.2.5/24", "fd00::5/64");
        Remove(Tag, "10.1.2.5/24", "fd00::5/64");
        Assert.Null(OwnerOf("10.1.2.5/24"));
        Assert.Null(OwnerOf("fd00::5/64"));
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["masq4", "10.1.2.5"], () => Check(Tag, "10.1.2.5/24", "fd00::5/64"));
    }

    [Fact]
    public void CHECK_fails_without_a_table() =>
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["nftables chain inet cniplugin"], () => Check(Tag, "10.1.2.5/24"));

    [Fact]
    public void CHECK_fails_for_an_element_of_somebody_else()
    {
        Add(s_other, "10.1.2.5/24");
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["10.1.2.5"], () => Check(Tag, "10.1.2.5/24"));
    }

    [Fact]
    public void Removing_where_nothing_is_is_fine()
    {
        Remove(Tag, "10.1.2.5/24");
        Remove(Tag);
        Add(s_other, "10.1.2.6/24");
        Remove(Tag, "10.1.2.5/24");
        Remove(Tag);
        Assert.NotNull(OwnerOf("10.1.2.6/24"));
    }

    [Fact]
    public void Element_of_another_is_never_removed()
    {
        Add(s_other, "10.1.2.5/24");
        Remove(Tag, "10.1.2.5/24");
        Assert.Equal(s_other.Comment(), OwnerOf("10.1.2.5/24"));
    }

    [Fact]
    public void Elements_are_found_by_the_tag_where_no_address_is_known()
    {
        Add(Tag, "10.1.2.5/24", "fd00::5/64");
        Add(s_other, "10.1.2.6/24");
        Remove(Tag);
        Assert.Null(OwnerOf("10.1.2.5/24"));
        Assert.Null(OwnerOf("fd00::5/64"));
        Assert.NotNull(OwnerOf("10.1.2.6/24"));
    }

    [Fact]
    public void Element_of_a_dead_attachment_is_replaced()
    {
        Add(s_other, "10.1.2.5/16");
        Add(Tag, "10.1.2.5/24");
        Assert.Equal(Tag.Comment(), OwnerOf("10.1.2.5/24"));
        Check(Tag, "10.1.2.5/24");
    }

    [Fact]
    public void Own_element_of_a_killed_ADD_is_replaced()
    {
        Add(Tag, "10.1.2.5/24");
        MakeAlive(Tag);
        Add(Tag, "10.1.2.5/24");
        Assert.Equal(Tag.Comment(), OwnerOf("10.1.2.5/24"));
    }

    [Fact]
    public void Element_without_an_owner_is_replaced()
    {
        Add(Tag, "10.1.2.5/24");
        Remove(Tag);
        NftProgram.Load(Node, "add element inet cniplugin masq4 { 10.1.2.5 comment \"by hand\" : return }");
        Add(Tag, "10.1.2.5/24");
        Check(Tag, "10.1.2.5/24");
    }

    [Fact]
    public void Element_of_a_live_attachment_of_the_network_is_refused_and_nothing_is_left()
    {
        AttachmentTag neighbour = new("pods", "c2", "eth0");
        Add(neighbour, "10.1.2.5/24");
        MakeAlive(neighbour);
        TestCall.AssertFails(
            CniErrorCode.AlreadyExists,
            ["network pods", "10.1.2.5", "network pods, container c2, interface eth0", "run DEL"],
            () => Add(Tag, "10.1.2.4/24", "10.1.2.5/24"));
        Assert.Equal(neighbour.Comment(), OwnerOf("10.1.2.5/24"));
        Assert.Null(OwnerOf("10.1.2.4/24"));
    }

    [Theory]
    [InlineData("flush chain inet cniplugin postrouting")]
    [InlineData("flush chain inet cniplugin masq_10.1.2.0_24")]
    [InlineData("add rule inet cniplugin masq_10.1.2.0_24 accept")]
    [InlineData("insert rule inet cniplugin postrouting accept")]
    [InlineData("flush ruleset")]
    public void Broken_chain_is_told_by_CHECK_and_restored_by_the_next_ADD(string damage)
    {
        Add(Tag, "10.1.2.5/24");
        string whole = NftProgram.List(Node);
        NftProgram.Load(Node, damage);
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["nftables chain", "the next ADD restores it"], () => Check(Tag, "10.1.2.5/24"));
        Add(Tag, "10.1.2.5/24");
        Check(Tag, "10.1.2.5/24");
        Assert.Equal(
            NftProgram.Lines(whole).Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Failure_of_a_later_step_takes_the_elements_away()
    {
        _ = Assert.Throws<InvalidOperationException>(() => InAdd(undo =>
        {
            PodMasquerade.Add(Tag, s_plain, Prefixes(["10.1.2.5/24"]), undo);
            throw new InvalidOperationException();
        }));
        Assert.Null(OwnerOf("10.1.2.5/24"));
    }

    [Fact]
    public void GC_removes_the_networks_elements_that_are_not_valid()
    {
        Add(Tag, "10.1.2.5/24");
        Add(new AttachmentTag("pods", "c2", "eth0"), "10.1.2.6/24", "fd00::6/64");
        Add(s_other, "10.1.2.7/24");
        NftProgram.Load(Node, "add element inet cniplugin masq4 { 10.1.2.8 comment \"by hand\" : return }");
        _ = InCall("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]", call =>
        {
            using NftClient nft = NftClient.Open();
            PodMasquerade.Rules.RemoveAllBut(nft, new GcScope(call));
            return true;
        });
        Assert.NotNull(OwnerOf("10.1.2.5/24"));
        Assert.Null(OwnerOf("10.1.2.6/24"));
        Assert.Null(OwnerOf("fd00::6/64"));
        Assert.NotNull(OwnerOf("10.1.2.7/24"));
        Assert.NotNull(OwnerOf("10.1.2.8/24"));
    }

    [Fact]
    public void Callers_at_once_all_get_their_elements()
    {
        Exception?[] failures = new Exception?[16];
        Thread[] callers = [.. failures.Select((_, i) => new Thread(() => failures[i] = Record.Exception(
            () => Add(new AttachmentTag("pods", $"c{i}", "eth0"), $"10.{i}.0.5/16"))))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.All(failures, Assert.Null);
        for (int i = 0; i < failures.Length; i++)
            Check(new AttachmentTag("pods", $"c{i}", "eth0"), $"10.{i}.0.5/16");
    }
}
