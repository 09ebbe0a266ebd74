using System.Diagnostics;
using System.Net;
using Linux.Addresses;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Netlink.Tests.Nftables;

/// <summary>Two pods, their host, and a host outside that counts whose packets come in.</summary>
public sealed class MasqueradePacketKernelTests : NftKernelTest
{
    private static readonly IpPrefix Subnet4 = Prefix("10.1.0.0/16");
    private static readonly IpPrefix Subnet6 = Prefix("fd00::/64");

    private readonly NetworkNamespace _outside = NetworkNamespace.Create();
    private readonly NetworkNamespace _pod = NetworkNamespace.Create();
    private readonly NetworkNamespace _neighbour = NetworkNamespace.Create();

    public MasqueradePacketKernelTests()
    {
        Namespace.Run(static () =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
            // A link looks for the neighbours of forwarded packets only when its own link-local address is no longer tentative.
            Sysctl.Write("net/ipv6/conf/default/accept_dad", "0");
        });
        Connect("out0", ["192.0.2.1/24", "2001:db8::1/64"], _outside, ["192.0.2.2/24", "2001:db8::2/64"]);
        Connect("pod0", ["10.1.0.1/32", "fd00::1/128"], _pod, ["10.1.0.5/32", "fd00::5/128"]);
        Connect("pod1", ["10.1.0.1/32", "fd00::1/128"], _neighbour, ["10.1.0.6/32", "fd00::6/128"]);
        RouteToPod("pod0", _pod, "10.1.0.5/32", "fd00::5/128");
        RouteToPod("pod1", _neighbour, "10.1.0.6/32", "fd00::6/128");
    }

    public override void Dispose()
    {
        _outside.Dispose();
        _pod.Dispose();
        _neighbour.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Pod_reaches_the_outside_under_the_address_of_its_host()
    {
        CountSources(_outside, "192.0.2.1/32", "10.1.0.5/32", "2001:db8::1/128", "fd00::5/128");
        Assert.False(Pings(_pod, "192.0.2.2"), "the outside knows no way back to the pod, so this must not work yet");
        Assert.Equal([0, 1, 0, 0], Counted(_outside));

        Masquerade();
        Assert.True(Pings(_pod, "192.0.2.2"));
        Assert.True(Pings(_pod, "2001:db8::2"));
        Assert.Equal([1, 1, 1, 0], Counted(_outside));
    }

    [Fact]
    public void Pods_of_one_subnet_see_each_other_under_their_own_addresses()
    {
        CountSources(_neighbour, "10.1.0.5/32", "10.1.0.1/32", "fd00::5/128", "fd00::1/128");
        Masquerade();
        Assert.True(Pings(_pod, "10.1.0.6"));
        Assert.True(Pings(_pod, "fd00::6"));
        Assert.Equal([1, 0, 1, 0], Counted(_neighbour));
    }

    [Fact]
    public void Multicast_keeps_its_source()
    {
        CountSources(_outside, "10.1.0.9/32", "192.0.2.1/32");
        // The host does not route multicast; a pod's address that is its own passes postrouting as well.
        Client.AddAddress(IndexOf("lo"), new AddressSpec { Address = Prefix("10.1.0.9/32") });
        Assert.Null(new MasqueradeTable(Nft).Add(IPAddress.Parse("10.1.0.9"), Subnet4, "tag-9", "net pod eth0"));
        _ = Ping(Namespace, "-I", "10.1.0.9", "-I", "out0", "224.0.0.1");
        Assert.Equal([1, 0], Counted(_outside));
        Assert.True(Pings(Namespace, "-I", "10.1.0.9", "192.0.2.2"));
        Assert.Equal([1, 1], Counted(_outside));
    }

    [Fact]
    public void Removed_pod_is_no_longer_masqueraded()
    {
        Masquerade();
        Assert.True(Pings(_pod, "192.0.2.2"));
        Assert.True(new MasqueradeTable(Nft).Remove(IPAddress.Parse("10.1.0.5"), "tag-5"));
        Assert.False(Pings(_pod, "192.0.2.2"));
    }

    private static bool Pings(NetworkNamespace from, params string[] arguments) => Ping(from, arguments) == 0;

    private static int Ping(NetworkNamespace from, params string[] arguments) => from.Run(() =>
    {
        using Process ping = Process.Start(
            new ProcessStartInfo("ping", ["-c", "1", "-W", "1", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        ping.WaitForExit();
        return ping.ExitCode;
    });

    private static void CountSources(NetworkNamespace networkNamespace, params string[] sources)
    {
        NftTable table = new(NftFamily.Inet, "observer");
        NftChain chain = new(table, "in") { Base = new NftBaseChain("filter", NftHook.Prerouting, 0) };
        NftBatch batch = new NftBatch().AddTable(table).AddChain(chain);
        foreach (string source in sources)
        {
            // Echo requests (ICMP_ECHO 8, ICMPV6_ECHO_REQUEST 128) only, not what the neighbours arrange between them.
            bool isIPv6 = Prefix(source).IsIPv6;
            _ = batch.AddRule(new NftRule(
                chain,
                [
                    .. PacketMatch.SourceIn(NftFamily.Inet, Prefix(source)),
                    .. PacketMatch.TransportProtocol((byte)(isIPv6 ? 58 : 1)),
                    new Payload(PayloadBase.Transport, 0, 1),
                    new Cmp(CmpOperation.Equal, NftValue.OfByte((byte)(isIPv6 ? 128 : 8))),
                    new Counter(),
                ]));
        }
        using NftClient observer = NftClient.Open(networkNamespace);
        observer.Execute(batch);
    }

    private static ulong[] Counted(NetworkNamespace networkNamespace)
    {
        using NftClient observer = NftClient.Open(networkNamespace);
        return [.. observer.ListRules(new NftTable(NftFamily.Inet, "observer")).Select(
            static rule => rule.Expressions.OfType<Counter>().Single().Packets)];
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private void Masquerade()
    {
        MasqueradeTable masquerade = new(Nft);
        Assert.Null(masquerade.Add(IPAddress.Parse("10.1.0.5"), Subnet4, "tag-5", "net pod eth0"));
        Assert.Null(masquerade.Add(IPAddress.Parse("fd00::5"), Subnet6, "tag-5", "net pod eth0"));
    }

    private void Connect(string name, string[] addresses, NetworkNamespace other, string[] otherAddresses)
    {
        Client.CreateLink(new VethSpec { Name = name, Up = true, Peer = new VethPeer { Name = "eth0", TargetNamespace = other } });
        using RouteClient inOther = RouteClient.Open(other);
        int peer = inOther.FindLink("eth0")!.Index;
        inOther.SetLink(peer, new LinkChange { Up = true });
        foreach (string address in addresses)
            Client.AddAddress(IndexOf(name), new AddressSpec { Address = Prefix(address), NoDad = true });
        foreach (string address in otherAddresses)
            inOther.AddAddress(peer, new AddressSpec { Address = Prefix(address), NoDad = true });
    }

    private void RouteToPod(string name, NetworkNamespace pod, string address4, string address6)
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix(address4), OutputIndex = IndexOf(name), Scope = RouteScope.Link });
        Client.AddRoute(new RouteSpec { Destination = Prefix(address6), OutputIndex = IndexOf(name) });
        using RouteClient inPod = RouteClient.Open(pod);
        int index = inPod.FindLink("eth0")!.Index;
        inPod.AddRoute(
            new RouteSpec { Destination = Prefix("0.0.0.0/0"), Gateway = IPAddress.Parse("10.1.0.1"), OutputIndex = index, OnLink = true });
        inPod.AddRoute(
            new RouteSpec { Destination = Prefix("::/0"), Gateway = IPAddress.Parse("fd00::1"), OutputIndex = index, OnLink = true });
    }
}
