using EndToEnd.Runtimes;
using EndToEnd.Sandbox;
using TestKit;

namespace EndToEnd;

/// <summary>
/// Every file of netconf/, run by the runtime that it is for; CRI-O is not packaged, so libcni alone, which it uses, stands in.
/// </summary>
public sealed class SampleNetworkTests : IDisposable
{
    private static readonly string[] s_onEveryKernel = ["host-device.conflist", "macvlan.conflist", "tap.conflist"];
    private static readonly string[] s_inUserModeLinux = ["dummy.conflist", "ipvlan.conflist", "vlan.conflist"];

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();

    public static TheoryData<string> ForContainerd => [.. Samples("containerd")];

    public static TheoryData<string> ForPodman => [.. Samples("podman")];

    public static TheoryData<string> ForVlans => [.. Samples("bridge-vlan")];

    public static TheoryData<string> ForOthers =>
    [
        .. Samples("")
            .Except(
                [
                    .. Samples("containerd"),
                    .. Samples("podman"),
                    .. Samples("bridge-vlan"),
                    .. Samples("l2"),
                    .. Samples("static"),
                    .. Samples("dhcp"),
                    .. s_onEveryKernel,
                    .. s_inUserModeLinux,
                ]),
    ];

    public static TheoryData<string> WithoutAddresses => [.. Samples("l2")];

    public static TheoryData<string> ForLinks => [.. s_onEveryKernel];

    public static TheoryData<string> ForOtherLinks => [.. s_inUserModeLinux];

    public void Dispose() => _sandbox.Dispose();

    [Theory]
    [MemberData(nameof(ForContainerd))]
    public void Containerd_runs_its_samples(string file)
    {
        PodNetwork network = Read(file);
        using Containerd containerd = Containerd.StartIn(_sandbox, network);

        network.AssertServes(_sandbox, containerd.RunPod("first"), containerd.RunPod("second"));
    }

    [Theory]
    [MemberData(nameof(ForPodman))]
    public void Podman_runs_its_samples(string file)
    {
        PodNetwork network = Read(file);
        Podman podman = Podman.In(_sandbox);
        podman.AddNetwork(network);

        network.AssertServes(_sandbox, podman.RunContainer("first", network.Name), podman.RunContainer("second", network.Name));
    }

    [Theory]
    [MemberData(nameof(ForOthers))]
    public void Cnitool_runs_the_others(string file) => AssertCniToolServes(Read(file));

    [Theory]
    [MemberData(nameof(ForVlans))]
    [Trait("Kernel", "uml")]
    public void Cnitool_runs_those_with_vlans(string file) => AssertCniToolServes(Read(file));

    [Theory]
    [MemberData(nameof(WithoutAddresses))]
    public void Pods_on_a_bridge_without_addresses_reach_each_other_with_their_own(string file)
    {
        CniTool tool = new(_sandbox, Read(file));
        Pod first = tool.AddPod("first");
        Pod second = tool.AddPod("second");

        _ = first.Run("ip", "address", "add", "10.36.0.1/24", "dev", "eth0");
        _ = second.Run("ip", "address", "add", "10.36.0.2/24", "dev", "eth0");
        first.AssertReaches("10.36.0.2");
        tool.CheckPod(first);
        tool.DeletePod(first);
    }

    [Fact]
    public void Pods_have_the_addresses_of_the_file_or_of_the_caller()
    {
        const string Addresses = """{ "ips": ["10.37.0.3/24", "fd37::3/64"] }""";
        CniTool tool = new(_sandbox, Read("static.conflist"));
        Pod first = tool.AddPod("first");
        Pod second = tool.AddPod("second", Addresses);

        foreach (string address in (string[])["10.37.0.1", "10.37.0.3", "fd37::1", "fd37::3"])
            first.AssertReaches(address);
        second.AssertReaches("10.37.0.2");
        tool.CheckPod(first);
        tool.CheckPod(second, Addresses);
        tool.DeletePod(first);
    }

    [Theory]
    [MemberData(nameof(ForLinks))]
    public void Cnitool_runs_those_without_a_bridge(string file) => AssertLinkServes(file);

    [Theory]
    [MemberData(nameof(ForOtherLinks))]
    [Trait("Kernel", "uml")]
    public void Cnitool_runs_those_that_other_kernels_lack(string file) => AssertLinkServes(file);

    private void AssertLinkServes(string file)
    {
        _ = _sandbox.Run("sh", "-euc", "ip link add eth1 type veth peer name switch1; ip link set eth1 up; ip link set switch1 up");
        CniTool tool = new(_sandbox, Read(file));
        Pod first = tool.AddPod("first");
        if (file is "macvlan.conflist" or "ipvlan.conflist")
        {
            Pod second = tool.AddPod("second");
            second.AssertReaches(first.Address());
            tool.DeletePod(second);
        }
        Assert.NotEmpty(first.Address());
        tool.CheckPod(first);
        tool.DeletePod(first);
        _ = _sandbox.Run("ip", "link", "show", "dev", "eth1");
    }

    private void AssertCniToolServes(PodNetwork network)
    {
        CniTool tool = new(_sandbox, network);
        Pod first = tool.AddPod("first");
        Pod second = tool.AddPod("second");

        network.AssertServes(_sandbox, first, second);
        tool.CheckPod(first);
        tool.DeletePod(first);
    }

    private static IEnumerable<string> Samples(string prefix) =>
        SourceTree.Files("netconf", ".conflist")
            .Select(path => Path.GetFileName(path))
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    private static PodNetwork Read(string file) =>
        new(File.ReadAllText(SourceTree.File($"netconf/{file}", "it is part of the repository")));
}
