using System.Diagnostics;
using System.Net;
using Ipam;
using Linux;
using Netlink.Route;

namespace Plugins.Tests;

public sealed class LeaseEvidenceKernelTests : NodeKernelTest
{
    private readonly string _directory = Directory.CreateTempSubdirectory("evidence-").FullName;
    private readonly VethInTheMaking _making = new();

    public override void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        base.Dispose();
    }

    private string Absent => $"{_directory}/absent";

    private static Lease LeaseOf(string netns, string ifName = "eth0", string address = "10.1.2.5") => new()
    {
        Key = new LeaseKey("c1", ifName),
        NetNS = netns,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Addresses = [new LeasedAddress(0, IPAddress.Parse(address))],
    };

    private Liveness Probe(Lease lease, string? callersPath = null)
    {
        Cni.Tests.FakeHost host = TestCall.HostFor("ADD", "");
        host["CNI_NETNS"] = callersPath ?? PathOf(Node);
        host["CNI_NETNS_OVERRIDE"] = "1";
        return Node.Run(() => TestCall.Run(host, call => new LeaseEvidence(call, _making).Probe(lease)));
    }

    private void MakePod(string address)
    {
        int index = MakeVeth();
        PodClient.AddAddress(index, new AddressSpec { Address = TestCall.Prefix(address), NoDad = address.Contains(':', StringComparison.Ordinal) });
    }

    private void MakeHostEnd() =>
        NodeClient.CreateLink(new VethSpec { Name = Tag.HostInterfaceName, Peer = new VethPeer { Name = "peer" } });

    [Theory]
    [InlineData("10.1.2.5/24", "10.1.2.5")]
    [InlineData("fd00::5/64", "fd00::5")]
    public void Pod_that_holds_the_address_is_alive(string held, string leased)
    {
        MakePod(held);
        Assert.Equal(Liveness.Alive, Probe(LeaseOf(PathOf(Pod), address: leased)));
    }

    [Fact]
    public void Pod_without_the_address_is_dead()
    {
        MakePod("10.1.2.6/24");
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(PathOf(Pod))));
    }

    [Fact]
    public void Pod_that_has_the_address_on_another_interface_is_dead()
    {
        MakePod("10.1.2.5/24");
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(PathOf(Pod), ifName: "net1")));
    }

    [Fact]
    public void Empty_namespace_at_the_path_is_a_dead_pod() => Assert.Equal(Liveness.Dead, Probe(LeaseOf(PathOf(Pod))));

    [Fact]
    public void Pod_whose_namespace_and_host_end_are_gone_is_dead() => Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent)));

    [Fact]
    public void Plain_file_is_what_a_reboot_left_of_a_namespace()
    {
        File.WriteAllText(Absent, "");
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent)));
    }

    [Fact]
    public void Pod_whose_host_end_is_there_cannot_be_told()
    {
        MakeHostEnd();
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(Absent)));
    }

    [Fact]
    public void Link_that_this_very_call_makes_is_no_evidence()
    {
        MakeHostEnd();
        _making.Announce(IndexOf(Tag.HostInterfaceName));
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent)));
    }

    [Fact]
    public void Path_that_cannot_be_opened_cannot_be_told()
    {
        _ = File.CreateSymbolicLink($"{_directory}/loop", $"{_directory}/loop");
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf($"{_directory}/loop")));
    }

    // Found by the alias of its host end.
    [Fact]
    public void Lease_without_a_path_is_dead_once_its_host_end_is_gone()
    {
        Assert.Equal(Liveness.Dead, Probe(LeaseOf("")));
        MakeHostEnd();
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf("")));
    }

    [Fact]
    public void Lease_without_a_name_is_dead_once_the_host_end_it_was_found_by_is_gone()
    {
        Lease nameless = LeaseOf("") with { Key = LeaseKey.Unknown(Tag.HostInterfaceName, Tag.HostInterfaceName) };
        Assert.Equal(Liveness.Dead, Probe(nameless));
        MakeHostEnd();
        Assert.Equal(Liveness.Unknown, Probe(nameless));
    }

    [Fact]
    public void Lease_of_the_reference_cannot_be_told() => Assert.Equal(Liveness.Unknown, Probe(LeaseOf("") with { Imported = true }));

    [Fact]
    public void Caller_whose_own_path_means_nothing_here_cannot_tell()
    {
        MakePod("10.1.2.6/24");
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(PathOf(Pod)), callersPath: Absent));
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(Absent), callersPath: "qemu"));
    }

    [Fact]
    public void Aliases_tell_who_holds_what()
    {
        NodeClient.CreateLink(new VethSpec { Name = "v1", Peer = new VethPeer { Name = "v1p" } });
        NodeClient.CreateLink(new VethSpec { Name = "v2", Peer = new VethPeer { Name = "v2p" } });
        NodeClient.CreateLink(new VethSpec { Name = "v3", Peer = new VethPeer { Name = "v3p" } });
        SetAlias("v1", Tag.Alias([TestCall.Prefix("10.1.2.5/24"), TestCall.Prefix("fd00::5/64")]));
        // Names that did not fit: the addresses are still taken.
        SetAlias("v2", new AttachmentTag("pods", new string('c', 250), "eth0").Alias([TestCall.Prefix("10.1.2.6/24")]));
        SetAlias("v3", new AttachmentTag("other", "c3", "eth0").Alias([TestCall.Prefix("10.1.2.7/24")]));
        List<Lease> found = Find();
        Assert.Equal("10.1.2.5 fd00::5", AddressesOf(Assert.Single(found, lease => lease.Key == new LeaseKey("c1", "eth0"))));
        Assert.Equal("10.1.2.6", AddressesOf(Assert.Single(found, lease => lease.Key == new LeaseKey("found in v2", "v2"))));
        Assert.DoesNotContain(found, lease => AddressesOf(lease) == "10.1.2.7");
    }

    [Fact]
    public void Addresses_of_every_namespace_are_found()
    {
        MakePod("10.1.2.5/24");
        MakeLoopbackUp();
        using Process inside = Pod.Run(() => Process.Start(new ProcessStartInfo("sleep", "60"))!);
        try
        {
            string path = $"/proc/{inside.Id}/ns/net";
            // Threads that made the namespaces may be found, too: the namespace counts once, whoever shows it.
            Lease lease = Assert.Single(Find(), lease => AddressesOf(lease) == "10.1.2.5");
            Assert.Equal("eth0", lease.Key.IfName);
            Assert.Equal($"found in {lease.NetNS}", lease.Key.ContainerId);
            Assert.Equal(path, lease.NetNS);
        }
        finally
        {
            inside.Kill();
            inside.WaitForExit();
        }
    }

    [Fact]
    public void Own_namespace_of_the_plugin_is_not_searched()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = "br0", Up = true });
        NodeClient.AddAddress(IndexOf("br0"), new AddressSpec { Address = TestCall.Prefix("198.51.100.77/24") });
        Assert.DoesNotContain(Find(), lease => AddressesOf(lease) == "198.51.100.77");
    }

    private List<Lease> Find() => Node.Run(() => new KernelLeases("pods").Find().ToList());

    private void SetAlias(string name, string alias) => NodeClient.SetLink(IndexOf(name), new LinkChange { Alias = alias });

    private void MakeLoopbackUp() => PodClient.SetLink(PodClient.FindLink("lo")!.Index, new LinkChange { Up = true });

    private static string AddressesOf(Lease lease) => string.Join(' ', lease.Addresses.Select(leased => IpText.Format(leased.Address)));
}
