using System.Net;
using Cni;
using Linux.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Interfaces.Ipvlan;

namespace Plugins.Tests.Interfaces.Ipvlan;

[Trait("Kernel", "uml")]
public sealed class IpvlanPluginKernelTests() : PodLinkKernelTest(PluginTable.Create("ipvlan")!)
{
    private const string Before = """
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "master0"}],
         "ips": [{"address": "10.1.3.7/24", "gateway": "10.1.3.1", "interface": 0}], "routes": [{"dst": "0.0.0.0/0"}]}
        """;

    protected override string L2 => "\"master\": \"master0\"";

    protected override string Kind => "ipvlan";

    [Theory]
    [InlineData("", IpvlanMode.L2)]
    [InlineData("\"mode\": \"l3\"", IpvlanMode.L3)]
    [InlineData("\"mode\": \"l3s\"", IpvlanMode.L3S)]
    public void Every_mode(string members, IpvlanMode mode)
    {
        string all = members.Length > 0 ? $"{members}, {OtherIpam}" : OtherIpam;
        string result = Add(all);
        Assert.Equal(new IpvlanState { Mode = mode }, PodEnd.Ipvlan);
        Assert.Equal((NodeClient.FindLink(1000)!.Mac, 1450), (PodEnd.Mac, PodEnd.Mtu));
        Check(all, result);
        string other = mode == IpvlanMode.L3 ? "l2" : "l3";
        CheckFails($"{all}, \"mode\": \"{other}\"", result, "eth0", $"in mode {IpvlanSettings.WordOf(mode)}");
        CheckFails($"{all}, \"master\": \"outside\"", result, "eth0", "outside");
    }

    [Fact]
    public void Master_and_addresses_may_come_from_the_plugin_before()
    {
        string printed = Add($"\"master\": \"\", {Before}");
        CniResult result = Parse(printed);
        Assert.Equal("eth0", Assert.Single(result.Interfaces).Name);
        CniIp ip = Assert.Single(result.Ips);
        Assert.Equal(("10.1.3.7/24", 0), (ip.Address.ToString(), ip.Interface));
        Assert.Equal(1000, PodEnd.PeerIndex);
        RouteSpec route = Assert.Single(
            PodClient.ListRoutes(new RouteFilter { Destination = new IpPrefix(IPAddress.Any, 0), Table = RouteTable.Main }));
        Assert.Equal("10.1.3.1", route.Gateway!.ToString());
        Check("\"master\": \"\"", printed);
        _ = Run("DEL", $"\"master\": \"\", {Before}");
        AssertNothingIsLeft();
        Assert.Empty(Ipam.Calls);
    }

    [Fact]
    public void Its_own_ipam_goes_before_addresses_of_the_plugin_before()
    {
        CniResult result = Parse(Add($"{OtherIpam}, {Before}"));
        Assert.Equal("10.1.2.5/24", result.Ips[0].Address.ToString());
    }

    [Fact]
    public void A_chain_must_tell_which_master_is_meant() => AddFails(
        "\"master\": \"\", \"prevResult\": {\"cniVersion\": \"1.1.0\", \"interfaces\": [{\"name\": \"a\"}, {\"name\": \"b\"}], \"ips\": "
        + "[{\"address\": \"10.1.3.7/24\"}]}",
        7, "master", "2 interfaces");

    [Fact]
    public void Master_may_be_in_the_container()
    {
        PodClient.CreateLink(new VethSpec { Name = "inner", Index = 2000, Up = true, Peer = new VethPeer { Name = "innerpeer" } });
        string members = $"\"master\": \"inner\", \"linkInContainer\": true, {OtherIpam}";
        Check(members, Add(members));
        Assert.Equal((2000, null), (PodEnd.PeerIndex, PodEnd.PeerNamespaceId));
    }

    [Fact]
    public void DEL_needs_neither_master_nor_default_route()
    {
        _ = Add(OtherIpam);
        _ = NodeClient.TryDeleteLink(1000);
        _ = Run("DEL", $"\"master\": \"\", \"mode\": \"nonsense\", {OtherIpam}");
        AssertNothingIsLeft();
    }

    [Fact]
    public void Wrong_values_are_refused_with_key_and_value()
    {
        AddFails("", 7, "ipam.type", "ipvlan");
        AddFails($"\"mode\": \"l4\", {OtherIpam}", 7, "mode", "l4", "l3s");
        AddFails($"\"master\": \"gone\", {OtherIpam}", 7, "master", "gone");
        AddFails($"\"master\": \"\", {OtherIpam}", 7, "master", "default route");
        AddFails($"\"mtu\": 1451, {OtherIpam}", 7, "mtu", "1451", "1450");
    }

    [Fact]
    public void A_master_that_cannot_serve_is_named()
    {
        MakeMaster();
        NodeClient.CreateLink(new MacvlanSpec { Name = "other", Parent = 1000, Mode = MacvlanMode.Bridge });
        AddFails(OtherIpam, 7, "master0", "macvlan");
    }
}
