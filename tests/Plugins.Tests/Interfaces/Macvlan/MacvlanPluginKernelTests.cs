using System.Net;
using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Plugins.Tests.Interfaces.Macvlan;

public sealed class MacvlanPluginKernelTests() : PodLinkKernelTest(PluginTable.Create("macvlan")!)
{
    protected override string L2 => "\"master\": \"master0\"";

    protected override string Kind => "macvlan";

    [Theory]
    [InlineData("", MacvlanMode.Bridge)]
    [InlineData("\"mode\": \"private\"", MacvlanMode.Private)]
    [InlineData("\"mode\": \"vepa\"", MacvlanMode.Vepa)]
    [InlineData("\"mode\": \"passthru\"", MacvlanMode.PassThrough)]
    public void Every_mode_without_addresses(string members, MacvlanMode mode)
    {
        string result = Add(members);
        Assert.Equal((mode, true, 1450), (PodEnd.Macvlan!.Mode, PodEnd.IsUp, PodEnd.Mtu));
        Assert.Empty(PodClient.ListAddresses(PodEnd.Index, IpFamily.IPv4));
        Check(members, result);
        _ = Run("DEL", members);
        AssertNothingIsLeft();
        Assert.Empty(Ipam.Calls);
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    public void Old_versions_need_addresses(string version)
    {
        Assert.Contains("ipam", Run("ADD", "", expect: 1, version), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("\"mac\": \"02:00:00:00:00:01\"", "", "02:00:00:00:00:01")]
    [InlineData("\"mac\": \"02:00:00:00:00:01\"", "MAC=02:00:00:00:00:02", "02:00:00:00:00:02")]
    [InlineData(
        "\"mac\": \"02:00:00:00:00:01\", \"RuntimeConfig\": {\"MAC\": \"02:00:00:00:00:03\"}",
        "MAC=02:00:00:00:00:02",
        "02:00:00:00:00:03")]
    [InlineData("\"mac\": \"02:00:00:00:00:01\", \"mode\": \"passthru\"", "", "02:00:00:00:00:01")]
    public void The_strongest_source_says_the_mac(string members, string args, string mac)
    {
        CniResult result = Parse(Run("ADD", members, args: args));
        Assert.Equal((mac, mac), (result.Interfaces[0].Mac, PodEnd.Mac.ToString()));
    }

    [Fact]
    public void Broadcast_queue_and_mtu_are_as_configured()
    {
        string members = $"\"bcqueuelen\": 2000, \"mtu\": 1400, {OtherIpam}";
        string result = Add(members);
        Assert.Equal((2000u, 1400), (PodEnd.Macvlan!.BroadcastQueueLength, PodEnd.Mtu));
        Assert.Equal("1", Pod.Run(() => Sysctl.TryRead("net/ipv6/conf/eth0/ndisc_notify")));
        Check(members, result);
        CheckFails("\"bcqueuelen\": 3000", result, "2000", "3000");
    }

    [Theory]
    [InlineData("")]
    [InlineData(OtherIpam)]
    public void A_MAC_address_that_is_taken_is_refused_with_key_and_value(string ipam)
    {
        NetworkNamespace other = NetworkNamespace.Create();
        using (other)
        {
            MakeMaster();
            NodeClient.CreateLink(new MacvlanSpec
            {
                Name = "taken",
                Parent = 1000,
                Mode = MacvlanMode.Bridge,
                Mac = TestCall.Mac("02:00:00:00:00:42"),
                TargetNamespace = other,
            });
            using (RouteClient inside = RouteClient.Open(other))
                inside.SetLink(inside.FindLink("taken")!.Index, new LinkChange { Up = true });
            string comma = ipam.Length > 0 ? ", " : "";
            AddFails($"\"mac\": \"02:00:00:00:00:42\"{comma}{ipam}", 103, "mac is 02:00:00:00:00:42", "master0");
        }
    }

    [Fact]
    public void Master_is_that_of_the_default_route_unless_named()
    {
        MakeMaster();
        NodeClient.AddAddress(1000, new AddressSpec { Address = TestCall.Prefix("10.1.2.1/24") });
        NodeClient.AddRoute(
            new RouteSpec { Destination = new IpPrefix(IPAddress.Any, 0), Gateway = IPAddress.Parse("10.1.2.254"), OutputIndex = 1000 });
        string result = Add("\"master\": \"\"");
        Assert.Equal(1000, PodEnd.PeerIndex);
        Check("\"master\": \"\"", result);
    }

    [Fact]
    public void Master_may_be_in_the_container()
    {
        PodClient.CreateLink(new VethSpec { Name = "inner", Index = 2000, Up = true, Peer = new VethPeer { Name = "innerpeer" } });
        string members = $"\"master\": \"inner\", \"linkInContainer\": true, {OtherIpam}";
        string result = Add(members);
        Assert.Equal((2000, null), (PodEnd.PeerIndex, PodEnd.PeerNamespaceId));
        Check(members, result);
        CheckFails(OtherIpam, result, "eth0", "master0");
        _ = Run("DEL", members);
        AssertNothingIsLeft();
    }

    [Fact]
    public void DEL_needs_no_master()
    {
        _ = Add(OtherIpam);
        _ = NodeClient.TryDeleteLink(1000);
        _ = Run("DEL", $"\"master\": \"gone\", \"mode\": \"nonsense\", \"mac\": \"no mac\", {OtherIpam}", args: "MAC=nonsense");
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void Wrong_values_are_refused_with_key_and_value()
    {
        AddFails("\"mode\": \"hairpin\"", 7, "mode", "hairpin", "passthru");
        AddFails("\"master\": \"gone\"", 7, "master", "gone", "host");
        AddFails("\"master\": \"gone\", \"linkInContainer\": true", 7, "master", "gone", "CNI_NETNS");
        AddFails("\"master\": \"\"", 7, "master", "default route");
        AddFails("\"master\": \"a name too long for it\"", 7, "master", "a name too long for it");
        AddFails("\"mtu\": 1451", 7, "mtu", "1451", "1450", "master0");
        AddFails("\"mtu\": -1", 7, "mtu", "-1");
        AddFails("\"mac\": \"x\"", 7, "mac", "x");
        AddFails("\"bcqueuelen\": -1", 6, "bcqueuelen");
        Assert.Empty(Ipam.Calls);
    }

    [Fact]
    public void A_master_that_cannot_serve_is_named()
    {
        MakeMaster();
        int bridge = MakeBridge();
        NodeClient.SetLink(1000, new LinkChange { Master = bridge });
        AddFails(OtherIpam, 7, "master0", "bridge");
    }

    [Fact]
    public void CHECK_names_another_mode_or_master()
    {
        string result = Add(OtherIpam);
        CheckFails($"\"mode\": \"vepa\", {OtherIpam}", result, "eth0", "in mode bridge, configured is vepa");
        CheckFails($"\"master\": \"outside\", {OtherIpam}", result, "eth0", "outside");
        CheckFails($"\"master\": \"gone\", {OtherIpam}", result, "gone");
    }

    [Fact]
    public void Duplicates_are_detected_where_that_is_wanted()
    {
        string members = $"\"enabledad\": true, {OtherIpam}";
        MakeMaster();
        NodeClient.AddAddress(1001, new AddressSpec { Address = TestCall.Prefix("fd00::5/64"), NoDad = true });
        AddFails(members, 103, "fd00::5/64");
        NodeClient.Execute(new RouteBatch().DeleteAddress(1001, TestCall.Prefix("fd00::5/64")));
        _ = Add(members);
        Assert.DoesNotContain(PodClient.ListAddresses(PodEnd.Index, IpFamily.IPv6), static address => address.IsTentative);
    }
}
