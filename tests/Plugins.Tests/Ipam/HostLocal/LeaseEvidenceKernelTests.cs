using System.Diagnostics;
using System.Net;
using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Ipam;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Plugins.Ipam.HostLocal;
using TestKit;

namespace Plugins.Tests.Ipam.HostLocal;

/// <summary>The table of docs/design.md, "Alive or dead".</summary>
public sealed class LeaseEvidenceKernelTests : NodeKernelTest
{
    // No namespace has that number.
    private const ulong Unused = 1UL << 62;

    private readonly string _directory = Directory.CreateTempSubdirectory("evidence-").FullName;
    private readonly PendingVeth _making = new();
    private readonly NetworkNamespace _other = NetworkNamespace.Create();

    public override void Dispose()
    {
        _other.Dispose();
        Directory.Delete(_directory, recursive: true);
        base.Dispose();
    }

    private string Absent => $"{_directory}/absent";

    private static Lease LeaseOf(string netns, LeaseOrigin origin = default) => new()
    {
        Key = new LeaseKey("c1", "eth0"),
        NetNS = netns,
        Origin = origin,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Addresses = [new LeasedAddress(0, IPAddress.Parse("10.1.2.5"))],
    };

    /// <param name="lease">Whose holder is asked for.</param>
    /// <param name="callersPath">CNI_NETNS of the call that asks.</param>
    /// <param name="exists">What a look at all namespaces tells.</param>
    private Liveness Probe(Lease lease, string? callersPath = null, bool? exists = null)
    {
        FakeHost host = TestCall.HostFor("ADD", "");
        host["CNI_NETNS"] = callersPath ?? PathOf(Node);
        host["CNI_CONTAINERID"] = "asks";
        host["CNI_NETNS_OVERRIDE"] = "1";
        return Node.Run(() => TestCall.Run(host, call => EvidenceOf(call, exists).Probe(lease)));
    }

    private LeaseEvidence EvidenceOf(CniInvocation call, bool? exists) =>
        new(call, _directory, AttachmentRemains.Remove)
        {
            Ranges = static () => null,
            Veth = _making,
            Judge = new AttachmentLiveness(_ => exists),
        };

    private void MakeHostEnd() =>
        NodeClient.CreateLink(new VethSpec { Name = Tag.HostInterfaceName, Peer = new VethPeer { Name = "peer", TargetNamespace = Pod } });

    /// <summary>
    /// What the path of the lease leads to; the host end; the ADD; the mounts; what a look at all namespaces tells; and what follows.
    /// </summary>
    public static TheoryData<string, bool, string, bool, bool?, Liveness> Table()
    {
        TheoryData<string, bool, string, bool, bool?, Liveness> rows = [];
        foreach (string path in (string[])["its namespace", "nothing", "a plain file", "another namespace"])
        {
            foreach (bool hasHostEnd in (bool[])[true, false])
            {
                foreach (bool isSameMount in (bool[])[true, false])
                {
                    foreach (bool? exists in (bool?[])[true, false, null])
                    {
                        rows.Add(path, hasHostEnd, "running", isSameMount, exists, Liveness.Alive);
                        rows.Add(path, hasHostEnd, "killed", isSameMount, exists, Liveness.Dead);
                        rows.Add(path, hasHostEnd, "finished", isSameMount, exists, (path, hasHostEnd, exists, isSameMount) switch
                        {
                            ("its namespace", _, _, _) or (_, true, _, _) or (_, _, true, _) => Liveness.Alive,
                            (_, _, false, _) or (_, _, null, true) => Liveness.Dead,
                            (_, _, null, false) => Liveness.Unknown,
                        });
                    }
                }
            }
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_row_of_the_table(string path, bool hasHostEnd, string add, bool isSameMount, bool? exists, Liveness expected)
    {
        File.WriteAllText($"{_directory}/file", "");
        if (hasHostEnd)
            MakeHostEnd();
        using RunningAdd running = RunningAdd.Begin(_directory, Tag.Text, TimeSpan.Zero);
        if (add == "killed")
            running.Dispose();
        else if (add == "finished")
            running.End();
        string netns = path switch
        {
            "its namespace" => PathOf(Pod),
            "nothing" => Absent,
            "a plain file" => $"{_directory}/file",
            _ => PathOf(_other),
        };
        LeaseOrigin origin = new(Pod.Cookie, MountNamespace.ReadId() + (isSameMount ? 0UL : 1UL), running.Id);
        Assert.Equal(expected, Probe(LeaseOf(netns, origin), exists: exists));
    }

    // Moved, renamed, flushed, given to a virtual machine, or not made yet.
    [Fact]
    public void Interface_that_is_not_there_proves_nothing() => Assert.Equal(Liveness.Alive, Probe(LeaseOf(PathOf(Pod))));

    [Fact]
    public void Number_that_is_not_known_leaves_the_path()
    {
        Assert.Equal(Liveness.Alive, Probe(LeaseOf(PathOf(Pod), new LeaseOrigin(0, MountNamespace.ReadId(), 0))));
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent, new LeaseOrigin(0, MountNamespace.ReadId(), 0))));
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(Absent, new LeaseOrigin(0, MountNamespace.ReadId() + 1, 0))));
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent)));
    }

    // The second ADD of a living pod was killed before it could be refused; it has left a mark, and no lease.
    [Fact]
    public void Killed_ADD_says_nothing_about_a_lease_that_is_not_its_own()
    {
        RunningAdd.Begin(_directory, Tag.Text, TimeSpan.Zero).Dispose();
        Assert.Equal(Liveness.Alive, Probe(LeaseOf(PathOf(Pod), new LeaseOrigin(Pod.Cookie, MountNamespace.ReadId(), 1))));
        Assert.Equal(Liveness.Alive, Probe(LeaseOf(PathOf(Pod), new LeaseOrigin(Pod.Cookie, MountNamespace.ReadId(), 0))));
    }

    // CNI_NETNS led to no namespace when the lease was given.
    [Fact]
    public void Virtual_machine_cannot_be_told()
    {
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf("vm"), exists: false));
        Assert.Equal(
            Liveness.Unknown, Probe(LeaseOf(Absent, new LeaseOrigin(LeaseOrigin.NoNamespace, MountNamespace.ReadId(), 0)), exists: false));
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
        Assert.Equal(Liveness.Alive, Probe(LeaseOf("")));
    }

    [Fact]
    public void Lease_without_a_name_is_dead_once_the_host_end_it_was_found_by_is_gone()
    {
        Lease nameless = LeaseOf("") with { Key = LeaseKey.Unknown(Tag.HostInterfaceName, Tag.HostInterfaceName) };
        Assert.Equal(Liveness.Dead, Probe(nameless));
        MakeHostEnd();
        Assert.Equal(Liveness.Alive, Probe(nameless));
    }

    // The host has an eth0 of its own.
    [Fact]
    public void Lease_that_was_found_in_a_namespace_ends_with_that()
    {
        NodeClient.CreateLink(new VethSpec { Name = "eth0", Peer = new VethPeer { Name = "peer", TargetNamespace = Pod } });
        Lease found = LeaseOf(Absent, new LeaseOrigin(Unused, MountNamespace.ReadId(), 0)) with { Key = LeaseKey.Unknown(Absent, "eth0") };
        Assert.Equal(Liveness.Dead, Probe(found, exists: false));
        Assert.Equal(Liveness.Alive, Probe(found, exists: true));
    }

    [Fact]
    public void Lease_of_the_reference_cannot_be_told() => Assert.Equal(Liveness.Unknown, Probe(LeaseOf("") with { Imported = true }));

    [Fact]
    public void Caller_whose_own_path_means_nothing_here_cannot_tell()
    {
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(Absent), callersPath: Absent));
        Assert.Equal(Liveness.Unknown, Probe(LeaseOf(Absent), callersPath: "qemu"));
        Assert.Equal(Liveness.Dead, Probe(LeaseOf(Absent, new LeaseOrigin(Unused, 1, 0)), callersPath: "qemu", exists: false));
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
        using Process inside = Pod.Run(() => Process.Start(new ProcessStartInfo("sleep", "60"))!);
        try
        {
            string path = $"/proc/{inside.Id}/ns/net";
            // Threads that made the namespaces may be found, too: the namespace counts once, whoever shows it.
            Lease lease = Assert.Single(Find(), lease => AddressesOf(lease) == "10.1.2.5");
            Assert.Equal("eth0", lease.Key.IfName);
            Assert.Equal($"found in {lease.NetNS}", lease.Key.ContainerId);
            Assert.Equal(path, lease.NetNS);
            Assert.Equal(new LeaseOrigin(Pod.Cookie, MountNamespace.ReadId(), 0), lease.Origin);
        }
        finally
        {
            inside.Kill();
            inside.WaitForExit();
        }
    }

    // unshare -Urn needs no privilege.
    [Fact]
    public void Namespace_of_an_unprivileged_user_is_not_believed()
    {
        using Process foreign = Process.Start(new ProcessStartInfo("unshare")
        {
            ArgumentList = { "-Urn", "sh", "-euc", "ip addr add 198.51.100.78/32 dev lo; echo ready; read -r _" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("ready", foreign.StandardOutput.ReadLine());
            Assert.DoesNotContain(Find(), lease => AddressesOf(lease) == "198.51.100.78");
        }
        finally
        {
            foreign.StandardInput.Close();
            foreign.WaitForExit();
        }
    }

    [Fact]
    public void Only_addresses_of_the_networks_ranges_are_found_and_any_number_of_them()
    {
        RouteBatch batch = new();
        int index = MakeVeth();
        foreach (int i in Enumerable.Range(0, 600))
            _ = batch.AddAddress(index, new AddressSpec { Address = TestCall.Prefix($"198.19.{i / 250}.{i % 250}/32") });
        _ = batch.AddAddress(index, new AddressSpec { Address = TestCall.Prefix("198.51.100.79/32") });
        PodClient.Execute(batch);
        InPod(() =>
        {
            RangeSet set = new(IpRange.Create(TestCall.Prefix("198.19.0.0/16")));
            Lease[] found =
            [
                .. Find([set])
                    .Where(static lease =>
                        lease.Addresses.Any(static leased => IpText.Format(leased.Address).StartsWith("198.", StringComparison.Ordinal))),
            ];
            // .0.0 is no address of the range.
            Assert.Equal(599, found.SelectMany(static lease => lease.Addresses).Distinct().Count());
            Assert.All(found, static lease => Assert.InRange(lease.Addresses.Count, 1, 255));
            Assert.Equal(found.Length, found.Select(static lease => lease.Key).Distinct().Count());
        });
    }

    // Networks whose subnets overlap.
    [Fact]
    public void Addresses_that_are_known_to_be_another_networks_are_left_to_it()
    {
        MakePod("198.51.100.80/24");
        SetAlias("host0", new AttachmentTag("other", "c3", "eth0").Alias([TestCall.Prefix("198.51.100.80/24")]));
        InPod(() => Assert.DoesNotContain(Find(), static lease => AddressesOf(lease) == "198.51.100.80"));
        SetAlias("host0", "uplink");
        InPod(() => Assert.Contains(Find(), static lease => AddressesOf(lease) == "198.51.100.80"));
    }

    [Fact]
    public void Addresses_that_a_runtime_remembers_for_another_network_are_left_to_it()
    {
        MakePod("198.51.100.81/24");
        string path = Path.Combine(CachedResult.Directory, $"other-{Guid.NewGuid():N}-eth0");
        _ = Directory.CreateDirectory(CachedResult.Directory);
        File.WriteAllText(path, $$"""
            {"kind": "cniCacheV1", "networkName": "other", "containerId": "c3", "ifName": "eth0", "netns": "{{PathOf(Pod)}}"}
            """);
        try
        {
            InPod(() => Assert.DoesNotContain(Find(), static lease => AddressesOf(lease) == "198.51.100.81"));
        }
        finally
        {
            File.Delete(path);
        }
        InPod(() => Assert.Contains(Find(), static lease => AddressesOf(lease) == "198.51.100.81"));
    }

    [Fact]
    public void Own_namespace_of_the_plugin_is_not_searched()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = "br0", Up = true });
        NodeClient.AddAddress(IndexOf("br0"), new AddressSpec { Address = TestCall.Prefix("198.51.100.77/24") });
        Assert.DoesNotContain(Find(), lease => AddressesOf(lease) == "198.51.100.77");
    }

    private List<Lease> Find(IReadOnlyList<RangeSet>? ranges = null) =>
        Node.Run(() => new KernelLeases("pods", ranges, MountNamespace.ReadId()).Find().ToList());

    /// <summary>Acts while a process is in the pod.</summary>
    private void InPod(Action action)
    {
        using Process inside = Pod.Run(() => Process.Start(new ProcessStartInfo("sleep", "60"))!);
        try
        {
            action();
        }
        finally
        {
            inside.Kill();
            inside.WaitForExit();
        }
    }

    private void MakePod(string address) => PodClient.AddAddress(MakeVeth(), new AddressSpec { Address = TestCall.Prefix(address) });

    private void SetAlias(string name, string alias) => NodeClient.SetLink(IndexOf(name), new LinkChange { Alias = alias });

    private static string AddressesOf(Lease lease) => string.Join(' ', lease.Addresses.Select(leased => IpText.Format(leased.Address)));
}
