using System.Net;
using Linux.Addresses;
using Netlink.Nftables;
using TestKit;

namespace Netlink.Tests.Nftables;

public sealed class MasqueradeKernelTests : NftKernelTest
{
    private const string Listing = """
        table inet cniplugin {
        map masq4 {
        type ipv4_addr : verdict
        elements = { 10.1.0.5 comment "tag-5 net pod eth0" : goto masq-10.1.0.0/16 }
        }
        map masq6 {
        type ipv6_addr : verdict
        elements = { fd00::5 comment "tag-5 net pod eth0" : goto masq-fd00__/64 }
        }
        chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr vmap @masq4
        ip6 saddr vmap @masq6
        }
        chain masq-10.1.0.0/16 {
        ip daddr 10.1.0.0/16 return
        ip daddr 224.0.0.0/4 return
        masquerade
        }
        chain masq-fd00__/64 {
        ip6 daddr fd00::/64 return
        ip6 daddr ff00::/8 return
        masquerade
        }
        }
        """;

    private static readonly IpPrefix Subnet4 = Prefix("10.1.0.0/16");
    private static readonly IpPrefix Subnet6 = Prefix("fd00::/64");

    [Fact]
    public void First_pod_builds_what_nft_lists_faithfully()
    {
        AddPod5(new MasqueradeTable(Nft));
        AssertListing(Listing);
    }

    [Fact]
    public void Next_pods_add_an_element_and_no_rule()
    {
        MasqueradeTable masquerade = new(Nft);
        AddPod5(masquerade);
        int builds = masquerade.Builds;
        List<NftRule> rules = Nft.ListRules(MasqueradeTable.Table);
        for (int pod = 6; pod < 106; pod++)
            Assert.Null(masquerade.Add(IPAddress.Parse($"10.1.0.{pod}"), Subnet4, $"tag-{pod}", "net pod eth0"));
        Assert.Equal(builds, masquerade.Builds);
        Assert.Equal(rules.Select(static rule => rule.Handle), Nft.ListRules(MasqueradeTable.Table).Select(static rule => rule.Handle));
        Assert.Equal(101, Nft.ListElements(MasqueradeTable.MapOf(isIPv6: false)).Count);
    }

    [Fact]
    public void Repeated_pod_is_no_error_and_another_owner_is_told()
    {
        MasqueradeTable masquerade = new(Nft);
        AddPod5(masquerade);
        AddPod5(masquerade);
        NftElement holder = masquerade.Add(IPAddress.Parse("10.1.0.5"), Subnet4, "tag-other", "net pod eth0")!;
        Assert.Equal("tag-5 net pod eth0", holder.Comment);
        AssertListing(Listing);
    }

    [Theory]
    [InlineData("flush ruleset")]
    [InlineData("flush chain inet cniplugin postrouting")]
    [InlineData("flush chain inet cniplugin masq-10.1.0.0/16; flush chain inet cniplugin masq-fd00__/64")]
    [InlineData("insert rule inet cniplugin postrouting accept")]
    [InlineData("flush table inet cniplugin")]
    public void Next_add_restores_what_somebody_broke(string command)
    {
        MasqueradeTable masquerade = new(Nft);
        AddPod5(masquerade);
        string[] before = NftProgram.Lines(Listing);
        NftProgram.Load(Namespace, command);
        Assert.NotEqual(before, NftProgram.Lines(NftProgram.List(Namespace)));
        AddPod5(masquerade);
        AssertListing(Listing);

        NftProgram.Load(Namespace, command);
        Assert.Null(masquerade.Add(IPAddress.Parse("10.1.0.6"), Subnet4, "tag-6", "net pod eth0"));
        Assert.Null(masquerade.Add(IPAddress.Parse("fd00::6"), Subnet6, "tag-6", "net pod eth0"));
        Assert.Equal(
            before.Where(static line => !line.StartsWith("elements", StringComparison.Ordinal)),
            NftProgram.Lines(NftProgram.List(Namespace)).Where(static line => !line.Contains("comment", StringComparison.Ordinal)));
    }

    [Fact]
    public void Removing_touches_only_the_own_element_and_is_no_error_when_it_is_gone()
    {
        MasqueradeTable masquerade = new(Nft);
        IPAddress address = IPAddress.Parse("10.1.0.5");
        Assert.False(masquerade.Remove(address, "tag-5"));
        AddPod5(masquerade);
        Assert.False(masquerade.Remove(address, "tag-other"));
        Assert.NotNull(Nft.FindElement(MasqueradeTable.MapOf(isIPv6: false), NftValue.Of(address)));
        Assert.True(masquerade.Remove(address, "tag-5"));
        Assert.False(masquerade.Remove(address, "tag-5"));
        Assert.Null(Nft.FindElement(MasqueradeTable.MapOf(isIPv6: false), NftValue.Of(address)));
    }

    [Fact]
    public void Threads_that_come_first_at_once_all_succeed_and_double_nothing()
    {
        const int Threads = 8;
        const int Pods = 25;
        using Barrier start = new(Threads);
        Exception?[] failures = new Exception?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            try
            {
                using NftClient own = NftClient.Open(Namespace);
                MasqueradeTable masquerade = new(own);
                start.SignalAndWait();
                for (int pod = 0; pod < Pods; pod++)
                {
                    IPAddress address = IPAddress.Parse($"10.1.{index}.{pod}");
                    Assert.Null(masquerade.Add(address, Subnet4, $"tag-{address}", "net pod eth0"));
                    if (pod % 5 == 0)
                        Assert.True(masquerade.Remove(address, $"tag-{address}"));
                }
            }
            catch (Exception e)
            {
                failures[index] = e;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.All(failures, Assert.Null);
        Assert.Equal(5, Nft.ListRules(MasqueradeTable.Table).Count);
        Assert.Equal(Threads * Pods * 4 / 5, Nft.ListElements(MasqueradeTable.MapOf(isIPv6: false)).Count);
    }

    [Fact]
    public void Steady_state_costs_two_datagrams()
    {
        using CountingTransport transport = new(Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Netfilter)));
        using NftClient counted = new(new NetlinkSocket(transport));
        MasqueradeTable masquerade = new(counted);
        AddPod5(masquerade);
        transport.Sent = 0;
        Assert.Null(masquerade.Add(IPAddress.Parse("10.1.0.6"), Subnet4, "tag-6", "net pod eth0"));
        Assert.Equal(2, transport.Sent);
        transport.Sent = 0;
        Assert.True(masquerade.Remove(IPAddress.Parse("10.1.0.6"), "tag-6"));
        Assert.Equal(2, transport.Sent);
    }

    private static void AddPod5(MasqueradeTable masquerade)
    {
        Assert.Null(masquerade.Add(IPAddress.Parse("10.1.0.5"), Subnet4, "tag-5", "net pod eth0"));
        Assert.Null(masquerade.Add(IPAddress.Parse("fd00::5"), Subnet6, "tag-5", "net pod eth0"));
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
