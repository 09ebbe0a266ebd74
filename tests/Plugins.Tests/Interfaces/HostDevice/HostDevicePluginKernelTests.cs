using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Interfaces.HostDevice;
using Plugins.Ipam;
using TestKit;

namespace Plugins.Tests.Interfaces.HostDevice;

public sealed class HostDevicePluginKernelTests()
    : PodLinkKernelTest(new HostDevicePlugin(new IpamPlugins(static _ => null), s_sysfsRoot.FullName, $"{s_sysfsRoot.FullName}/records"))
{
    private static readonly DirectoryInfo s_sysfsRoot = FakeSysfs();

    private static string RecordPath => $"{s_sysfsRoot.FullName}/records/{Tag.Text}.json";

    public override void Dispose()
    {
        if (File.Exists(RecordPath))
            File.Delete(RecordPath);
        base.Dispose();
    }

    protected override string L2 => "\"device\": \"master0\"";

    protected override string Kind => "veth";

    private Link Device => NodeClient.FindLink("master0")!;

    [Fact]
    public void It_comes_back_as_it_was()
    {
        MakeMaster();
        NodeClient.SetLink(1000, new LinkChange { Promiscuous = true, Alias = "to the switch" });
        NodeClient.Execute(new RouteBatch().AddAlternativeNames(1000, ["enp0s5", "enxaa"]));
        Link before = Device;
        _ = Add(OtherIpam);
        Assert.Null(NodeClient.FindLink("master0"));
        Assert.Equal((before.Mac, "master0"), (PodEnd.Mac, PodEnd.Alias));
        Assert.Equal(["enp0s5", "enxaa"], PodEnd.AlternativeNames);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RecordPath));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(RecordPath)!));
        // What a pod may do with it. A name that the host knows would keep it where it is.
        PodClient.Execute(
            new RouteBatch().DeleteAlternativeNames(PodEnd.Index, ["enp0s5"]).AddAlternativeNames(PodEnd.Index, ["outside", "master0"]));
        PodClient.SetLink(
            PodEnd.Index, new LinkChange { Mtu = 1300, Mac = TestCall.Mac("02:00:00:00:00:77"), AllMulticast = true, Promiscuous = false });
        _ = Run("DEL", OtherIpam);
        Assert.Equal((before.Mac, before.Mtu, before.Flags & Settings), (Device.Mac, Device.Mtu, Device.Flags & Settings));
        Assert.Equal(["enp0s5", "enxaa"], Device.AlternativeNames.Order(StringComparer.Ordinal));
        Assert.Equal("to the switch", Device.Alias);
        Assert.False(File.Exists(RecordPath));
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

    // By a version without records.
    [Fact]
    public void One_that_an_earlier_version_lent_is_taken_back_as_it_was()
    {
        MakeMaster();
        Link before = Device;
        NodeClient.SetLink(1000, new LinkChange { TargetNamespace = Pod, Name = "eth0", Alias = "master0" });
        PodClient.Execute(
            new RouteBatch().AddAlternativeNames(PodEnd.Index, [Tag.Text, $"{Tag.Text} {before.Mac} {before.Mtu} 1 master0"]));
        PodClient.SetLink(PodEnd.Index, new LinkChange { Name = "mine", Mtu = 1300, Alias = "" });
        _ = Run("DEL", OtherIpam);
        Assert.Equal((before.Index, before.Mac, before.Mtu, true), (Device.Index, Device.Mac, Device.Mtu, Device.IsUp));
        Assert.Empty(Device.AlternativeNames);
    }

    /// <summary>What a pod makes of itself may bear every name of the device, also its index.</summary>
    [Theory]
    [InlineData("the device renamed")]
    [InlineData("the device deleted")]
    [InlineData("the device moved on")]
    public void An_interface_that_the_pod_made_is_not_put_on_the_host(string attack)
    {
        _ = Add("");
        Link lent = PodEnd;
        string[] names = [Tag.Text, $"{Tag.Text} 02:00:00:00:00:66 1500 1 master0"];
        NetworkNamespace nested = NetworkNamespace.Create();
        using (nested)
        {
            PodClient.SetLink(lent.Index, new LinkChange { Up = false });
            if (attack == "the device renamed")
                PodClient.SetLink(lent.Index, new LinkChange { Name = "hidden", Alias = "" });
            else if (attack == "the device deleted")
                _ = PodClient.TryDeleteLink(lent.Index);
            else
                PodClient.SetLink(lent.Index, new LinkChange { TargetNamespace = nested });
            PodClient.CreateLink(new VethSpec
            {
                Name = "eth0",
                Index = attack == "the device renamed" ? 7000 : lent.Index,
                Mac = TestCall.Mac("02:00:00:00:00:66"),
                Up = true,
                Peer = new VethPeer { Name = "mine", Index = lent.PeerIndex!.Value, TargetNamespace = nested },
            });
            PodClient.SetLink(PodEnd.Index, new LinkChange { Alias = "master0" });
            PodClient.Execute(new RouteBatch().AddAlternativeNames(PodEnd.Index, names));
            _ = Run("DEL", "");
            _ = Run("DEL", "");
            Link? onHost = NodeClient.FindLink("master0");
            if (attack == "the device renamed")
                Assert.Equal((lent.Index, lent.Mac), (onHost!.Index, onHost.Mac));
            else
                Assert.Null(onHost);
            Assert.DoesNotContain(NodeClient.ListLinks(), static link => link.Mac == TestCall.Mac("02:00:00:00:00:66"));
        }
    }

    /// <summary>Without a record only what cannot be the pod's own is believed.</summary>
    [Fact]
    public void An_interface_that_the_pod_made_is_not_put_on_the_host_where_nothing_was_lent()
    {
        MakeMaster();
        PodClient.CreateLink(new VethSpec { Name = "eth0", Index = 7000, Up = true, Peer = new VethPeer { Name = "mine", Index = 1001 } });
        PodClient.SetLink(7000, new LinkChange { Alias = "wan0" });
        PodClient.Execute(new RouteBatch().AddAlternativeNames(7000, [Tag.Text, $"{Tag.Text} 02:00:00:00:00:66 1500 1 wan0"]));
        _ = Run("DEL", "");
        Assert.Null(NodeClient.FindLink("wan0"));
        Assert.Equal(7000, PodEnd.Index);
    }

    [Fact]
    public void One_whose_ADD_was_killed_before_it_moved_is_lent_again()
    {
        _ = Add("");
        string record = File.ReadAllText(RecordPath);
        _ = Run("DEL", "");
        File.WriteAllText(RecordPath, record);
        _ = Run("DEL", "");
        Assert.False(File.Exists(RecordPath));
        File.WriteAllText(RecordPath, record);
        _ = Add("");
        _ = Run("DEL", "");
        Assert.Equal(1000, Device.Index);
    }

    [Fact]
    public void A_second_device_for_the_same_attachment_is_refused()
    {
        _ = Add("");
        PodClient.SetLink(PodEnd.Index, new LinkChange { Up = false });
        PodClient.SetLink(PodEnd.Index, new LinkChange { Name = "mine" });
        string answer = Run("ADD", "\"device\": \"outside\"", expect: 1);
        Assert.Contains("\"code\": 103", answer, StringComparison.Ordinal);
        Assert.Contains("master0", answer, StringComparison.Ordinal);
        _ = Run("DEL", "");
        Assert.Equal(1000, Device.Index);
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
        _ = command == "DEL" ? Run("DEL", "", netns: "")
            : command == "GC" ? Run("GC", "")
            : Run("ADD", "\"device\": \"\", \"hwaddr\": \"" + before.Mac + "\"");
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
            "devices/pci0000:00/0000:00:01.0/net/master0",
            "devices/pci0000:00/0000:00:02.0/virtio0/net/master0",
            "devices/pci0000:00/0000:00:03.0",
            "devices/auxiliary/mlx5_core.sf.4/net/master0",
            "bus/pci/devices",
            "bus/pci/drivers/vfio-pci",
            "bus/pci/drivers/virtio-pci",
            "bus/auxiliary/devices",
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
