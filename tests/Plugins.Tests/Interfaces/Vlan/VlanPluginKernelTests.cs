using Netlink.Route.Links;

namespace Plugins.Tests.Interfaces.Vlan;

[Trait("Kernel", "uml")]
public sealed class VlanPluginKernelTests() : PodLinkKernelTest(PluginTable.Create("vlan")!)
{
    protected override string L2 => "\"master\": \"master0\", \"vlanId\": 100";

    protected override string Kind => "vlan";

    [Theory]
    [InlineData("", 100, 1450)]
    [InlineData("\"vlanId\": 0", 0, 1450)]
    [InlineData("\"vlanId\": 4094, \"mtu\": 1400", 4094, 1400)]
    public void Vlan_and_mtu_are_as_configured(string members, int id, int mtu)
    {
        string all = members.Length > 0 ? $"{members}, {OtherIpam}" : OtherIpam;
        string result = Add(all);
        Assert.Equal((id, mtu, NodeClient.FindLink(1000)!.Mac), (PodEnd.VlanId, PodEnd.Mtu, PodEnd.Mac));
        Check(all, result);
        CheckFails($"{all}, \"vlanId\": 7", result, "7");
        CheckFails($"{all}, \"mtu\": 1300", result, "1300");
        CheckFails($"{all}, \"master\": \"outside\"", result, "outside");
    }

    [Fact]
    public void Master_may_be_in_the_container()
    {
        PodClient.CreateLink(new VethSpec { Name = "inner", Index = 2000, Up = true, Peer = new VethPeer { Name = "innerpeer" } });
        string members = $"\"master\": \"inner\", \"linkInContainer\": true, {OtherIpam}";
        Check(members, Add(members));
        Assert.Equal((2000, null), (PodEnd.PeerIndex, PodEnd.PeerNamespaceId));
        _ = Run("DEL", members, netns: "");
        _ = Run("DEL", members);
        AssertNothingIsLeft();
    }

    [Fact]
    public void DEL_needs_no_master()
    {
        _ = Add(OtherIpam);
        _ = NodeClient.TryDeleteLink(1000);
        _ = Run("DEL", $"\"master\": \"gone\", \"vlanId\": 9999, {OtherIpam}");
        AssertNothingIsLeft();
    }

    [Fact]
    public void Wrong_values_are_refused_with_key_and_value()
    {
        AddFails("", 7, "ipam.type", "vlan");
        AddFails($"\"master\": \"\", {OtherIpam}", 7, "master");
        AddFails($"\"master\": \"gone\", {OtherIpam}", 7, "master", "gone");
        AddFails($"\"vlanId\": 4095, {OtherIpam}", 7, "vlanId", "4095", "4094");
        AddFails($"\"vlanId\": -1, {OtherIpam}", 7, "vlanId", "-1");
        AddFails($"\"mtu\": 1451, {OtherIpam}", 7, "mtu", "1451", "1450");
        AddFails($"\"mtu\": -1, {OtherIpam}", 7, "mtu", "-1");
    }

    [Fact]
    public void A_vlan_that_is_taken_and_a_master_that_is_down_are_named()
    {
        MakeMaster();
        NodeClient.CreateLink(new VlanSpec { Name = "taken", Index = 3000, Parent = 1000, Id = 100 });
        AddFails(OtherIpam, 103, "vlanId", "100", "master0");
        _ = NodeClient.TryDeleteLink(3000);
        NodeClient.SetLink(1000, new LinkChange { Up = false });
        AddFails(OtherIpam, 7, "master0", "down");
    }
}
