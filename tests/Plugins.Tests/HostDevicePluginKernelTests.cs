using Netlink.Route;

namespace Plugins.Tests;

public sealed class HostDevicePluginKernelTests() : PodLinkKernelTest(new HostDevicePlugin(SysfsRoot.FullName))
{
    private static readonly DirectoryInfo SysfsRoot = FakeSysfs();

    protected override string L2 => "\"device\": \"master0\"";

    protected override string Kind => "veth";

    private Link Device => NodeClient.FindLink("master0")!;

    [Fact]
    public void It_comes_back_as_it_was()
    {
        MakeMaster();
        NodeClient.SetLink(1000, new LinkChange { Promiscuous = true });
        Link before = Device;
        _ = Add(OtherIpam);
        Assert.Null(NodeClient.FindLink("master0"));
        Assert.Equal((before.Mac, "master0"), (PodEnd.Mac, PodEnd.Alias));
        Assert.Contains(Tag.Text, PodEnd.AlternativeNames);
        // What a pod may do with it.
        PodClient.SetLink(PodEnd.Index, new LinkChange { Mtu = 1300, Mac = TestCall.Mac("02:00:00:00:00:77"), AllMulticast = true, Promiscuous = false });
        _ = Run("DEL", OtherIpam);
        Assert.Equal((before.Mac, before.Mtu, before.Flags & Settings), (Device.Mac, Device.Mtu, Device.Flags & Settings));
        Assert.Empty(Device.AlternativeNames);
        Assert.Null(Device.Alias);
    }

    [Fact]
    public void One_that_was_down_comes_back_down()
    {
        MakeMaster();
        NodeClient.SetLink(1000, new LinkChange { Up = false });
        string result = Add("");
        Assert.True(PodEnd.IsUp);
        Check("", result);
        _ = Run("DEL", "");
        Assert.False(Device.IsUp);
        Assert.Empty(Ipam.Calls);
    }

    [Fact]
    public void It_is_found_again_when_the_pod_has_renamed_it()
    {
        _ = Add(OtherIpam);
        PodClient.SetLink(PodEnd.Index, new LinkChange { Up = false });
        PodClient.SetLink(PodEnd.Index, new LinkChange { Name = "mine", Alias = "" });
        _ = Run("DEL", OtherIpam);
        Assert.NotNull(NodeClient.FindLink("master0"));
        _ = Run("DEL", OtherIpam);
        Assert.Equal(["ADD", "DEL", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void One_that_the_reference_lent_is_taken_back()
    {
        MakeMaster();
        NodeClient.SetLink(1000, new LinkChange { TargetNamespace = Pod, Name = "eth0", Alias = "master0" });
        _ = Run("DEL", OtherIpam);
        Assert.NotNull(NodeClient.FindLink("master0"));
    }

    [Fact]
    public void A_name_that_the_host_uses_by_now_keeps_it_in_the_pod()
    {
        _ = Add("");
        NodeClient.CreateLink(new VethSpec { Name = "master0", Index = 5000, Peer = new VethPeer { Name = "other" } });
        string answer = Run("DEL", "", expect: 1);
        Assert.Contains("master0", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\": 103", answer, StringComparison.Ordinal);
        Assert.True(PodEnd.IsUp);
        Assert.True(NodeClient.TryDeleteLink(5000));
        _ = Run("DEL", "");
        Assert.Equal(1000, Device.Index);
    }

    [Fact]
    public void An_interface_of_the_pod_with_its_old_name_is_left_alone()
    {
        PodClient.CreateLink(new VethSpec { Name = "master0", Index = 6000, Peer = new VethPeer { Name = "other" } });
        _ = Add("");
        Assert.Equal(6000, PodClient.FindLink("master0")!.Index);
        _ = Run("DEL", "");
        Assert.Equal(6000, PodClient.FindLink("master0")!.Index);
        Assert.NotNull(NodeClient.FindLink("master0"));
    }

    [Theory]
    [InlineData("DEL")]
    [InlineData("GC")]
    [InlineData("ADD")]
    public void One_that_the_kernel_sent_back_gets_its_name(string command)
    {
        Link before = SendBack();
        _ = command == "DEL" ? Run("DEL", "", netns: "") : command == "GC" ? Run("GC", "") : Run("ADD", "\"device\": \"\", \"hwaddr\": \"" + before.Mac + "\"");
        if (command == "ADD")
            _ = Run("DEL", "");
        Assert.Equal((before.Index, before.Mac, before.Mtu, true), (Device.Index, Device.Mac, Device.Mtu, Device.IsUp));
        Assert.Empty(Device.AlternativeNames);
    }

    [Fact]
    public void GC_leaves_one_that_is_sent_back_of_a_valid_attachment()
    {
        _ = SendBack();
        _ = Run("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]");
        Assert.Null(NodeClient.FindLink("master0"));
    }

    [Fact]
    public void A_failed_ADD_gives_it_back()
    {
        MakeMaster();
        Link before = Device;
        ReplaceIpam("no result");
        _ = Run("ADD", OtherIpam, expect: 1);
        Assert.Equal((before.Index, before.Mac, before.Mtu, true, null), (Device.Index, Device.Mac, Device.Mtu, Device.IsUp, Device.Alias));
        Assert.Empty(Device.AlternativeNames);
    }

    [Theory]
    [InlineData("\"kernelpath\": \"/sys/devices/pci0000:00/0000:00:01.0\"")]
    [InlineData("\"pciBusID\": \"0000:00:01.0\"")]
    [InlineData("\"pciBusID\": \"0000:00:02.0\"")]
    [InlineData("\"runtimeConfig\": {\"deviceID\": \"0000:00:01.0\"}")]
    [InlineData("\"runtimeConfig\": {\"deviceID\": \"mlx5_core.sf.4\"}")]
    public void Hardware_leads_to_its_interface(string members)
    {
        string all = $"\"device\": \"\", {members}";
        string result = Add(all);
        Assert.Equal(1000, PodEnd.Index);
        Check(all, result);
        // The device is in the pod, and a runtime may not say again which it was.
        _ = Run("DEL", "\"device\": \"\"");
        Assert.Equal(1000, Device.Index);
    }

    [Fact]
    public void A_device_that_a_program_drives_gets_addresses_and_no_interface()
    {
        string members = $"\"device\": \"\", \"pciBusID\": \"0000:00:03.0\", {OtherIpam}";
        string printed = Add(members);
        Cni.CniResult result = Parse(printed);
        Cni.CniInterface only = Assert.Single(result.Interfaces);
        Assert.Equal(("eth0", null, PathOf(Pod)), (only.Name, only.Mac, only.Sandbox));
        Assert.Equal(2, result.Ips.Count);
        Assert.Null(PodClient.FindLink("eth0"));
        Check(members, printed);
        _ = Run("DEL", members);
        Assert.Equal(["ADD", "CHECK", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void Wrong_values_are_refused_with_key_and_value()
    {
        AddFails("\"device\": \"\"", 7, "device", "hwaddr", "kernelpath", "pciBusID", "deviceID");
        AddFails("\"device\": \"gone\"", 7, "device", "gone");
        AddFails("\"device\": \"lo\"", 7, "lo");
        AddFails("\"device\": \"\", \"hwaddr\": \"02:00:00:00:00:99\"", 7, "hwaddr", "02:00:00:00:00:99");
        AddFails("\"device\": \"\", \"hwaddr\": \"x\"", 7, "hwaddr", "x");
        AddFails("\"device\": \"\", \"kernelpath\": \"/etc\"", 7, "kernelpath", "/etc", "/sys/devices/");
        AddFails("\"device\": \"\", \"kernelpath\": \"/sys/devices/../class\"", 7, "kernelpath", "..");
        AddFails("\"device\": \"\", \"kernelpath\": \"/sys/devices/none\"", 7, "kernelpath", "none");
        AddFails("\"device\": \"\", \"pciBusID\": \"0000:00:09.0\"", 7, "pciBusID", "0000:00:09.0");
        AddFails("\"device\": \"\", \"pciBusID\": \"../../..\"", 7, "pciBusID", "../../..");
        AddFails("\"runtimeConfig\": {\"deviceID\": \"nothing\"}", 7, "deviceID", "nothing");
    }

    private static LinkFlags Settings => LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.AllMulticast;

    /// <summary>What the kernel does with a physical device when a namespace ends; it deletes what a test can make.</summary>
    private Link SendBack()
    {
        MakeMaster();
        Link before = Device;
        _ = Add("");
        PodClient.SetLink(PodEnd.Index, new LinkChange { Up = false, TargetNamespace = Node, Name = "dev0", Mtu = 1300 });
        return before;
    }

    private static DirectoryInfo FakeSysfs()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("sysfs-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => root.Delete(recursive: true);
        foreach (string path in (string[])
        [
            "devices/pci0000:00/0000:00:01.0/net/master0", "devices/pci0000:00/0000:00:02.0/virtio0/net/master0", "devices/pci0000:00/0000:00:03.0",
            "devices/auxiliary/mlx5_core.sf.4/net/master0", "bus/pci/devices", "bus/pci/drivers/vfio-pci", "bus/pci/drivers/virtio-pci", "bus/auxiliary/devices",
        ])
        {
            _ = root.CreateSubdirectory(path);
        }
        foreach (string id in (string[])["0000:00:01.0", "0000:00:02.0", "0000:00:03.0"])
            Directory.CreateSymbolicLink($"{root}/bus/pci/devices/{id}", $"../../../devices/pci0000:00/{id}");
        Directory.CreateSymbolicLink($"{root}/devices/pci0000:00/0000:00:02.0/driver", "../../../bus/pci/drivers/virtio-pci");
        Directory.CreateSymbolicLink($"{root}/devices/pci0000:00/0000:00:03.0/driver", "../../../bus/pci/drivers/vfio-pci");
        Directory.CreateSymbolicLink($"{root}/bus/auxiliary/devices/mlx5_core.sf.4", "../../../devices/auxiliary/mlx5_core.sf.4");
        return root;
    }
}
