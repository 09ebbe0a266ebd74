using Netlink.Route.Links;

namespace Plugins.Tests.Interfaces.Tap;

public sealed class TapPluginKernelTests() : PodLinkKernelTest(PluginTable.Create("tap")!)
{
    protected override string L2 => "";

    protected override string Kind => "tun";

    [Theory]
    [InlineData("", null, null, false)]
    [InlineData("\"owner\": 1000, \"multiQueue\": true", 1000u, null, true)]
    [InlineData("\"group\": 0", null, 0u, false)]
    [InlineData("\"owner\": 0, \"group\": 1001", 0u, 1001u, false)]
    public void Mtu_and_mac_apply_whoever_may_attach(string members, uint? owner, uint? group, bool multiQueue)
    {
        string all = $"{members}{(members.Length > 0 ? ", " : "")}\"mtu\": 1400, \"mac\": \"02:00:00:00:00:01\"";
        string result = Add(all);
        Assert.Equal(new TunState { IsTap = true, IsPersistent = true, Owner = owner, Group = group, MultiQueue = multiQueue }, PodEnd.Tun);
        Assert.Equal((1400, "02:00:00:00:00:01", true), (PodEnd.Mtu, PodEnd.Mac.ToString(), PodEnd.IsUp));
        Assert.Equal(("02:00:00:00:00:01", 1400u), (Parse(result).Interfaces[0].Mac, Parse(result).Interfaces[0].Mtu));
        Check(all, result);
        _ = Run("DEL", all);
        AssertNothingIsLeft();
        Assert.Empty(Ipam.Calls);
    }

    [Fact]
    public void The_strongest_source_says_the_mac() => Assert.Equal(
        "02:00:00:00:00:03",
        Parse(
            Run(
                "ADD",
                "\"mac\": \"02:00:00:00:00:01\", \"runtimeConfig\": {\"mac\": \"02:00:00:00:00:03\"}",
                args: "MAC=02:00:00:00:00:02")).Interfaces[0].Mac);

    [Fact]
    public void It_becomes_a_port_of_a_bridge_in_the_pod()
    {
        AddFails("\"bridge\": \"inner0\"", 7, "bridge", "inner0");
        PodClient.CreateLink(new BridgeSpec { Name = "inner0", Index = 500 });
        string result = Add("\"bridge\": \"inner0\"");
        Assert.Equal(500, PodEnd.MasterIndex);
        Check("\"bridge\": \"inner0\"", result);
        PodClient.SetLink(PodEnd.Index, new LinkChange { Master = 0 });
        CheckFails("\"bridge\": \"inner0\"", result, "eth0", "inner0");
    }

    [Fact]
    public void CHECK_names_what_differs()
    {
        string result = Add("\"owner\": 1000, \"group\": 1001");
        CheckFails("\"owner\": 1002", result, "1000", "1002");
        CheckFails("\"group\": 1002", result, "1001", "1002");
        CheckFails("\"multiQueue\": true", result, "multiQueue");
    }

    [Fact]
    public void Wrong_values_are_refused_with_key_and_value()
    {
        AddFails("\"mtu\": 67", 7, "mtu", "67");
        AddFails("\"owner\": -1", 6, "owner", "-1");
        AddFails("\"group\": \"wheel\"", 6, "group", "wheel");
        AddFails("\"bridge\": \"a/b\"", 7, "bridge", "a/b");
    }

    [Fact]
    public void A_context_that_cannot_be_taken_is_refused()
    {
        if (File.Exists("/sys/fs/selinux/enforce"))
            Assert.Skip("this kernel has SELinux");
        AddFails("\"selinuxContext\": \"system_u:system_r:container_t:s0\"", 7, "selinuxContext", "container_t", "SELinux");
    }

    [Fact]
    public void DEL_reads_nothing_but_ipam()
    {
        _ = Add(OtherIpam);
        _ = Run("DEL", $"\"mtu\": \"x\", \"bridge\": \"gone\", {OtherIpam}", args: "nonsense");
        AssertNothingIsLeft();
    }
}
