using EndToEnd.Runtimes;
using EndToEnd.Sandbox;
using TestKit;

namespace EndToEnd.Dhcp;

/// <summary>netconf/dhcp.conflist, run by libcni.</summary>
public sealed class DhcpSampleTests : IDisposable
{
    private readonly DhcpNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Pods_have_addresses_of_their_networks_server()
    {
        _ = _node.StartDnsmasq("--dhcp-range=192.168.1.5,192.168.1.250,255.255.255.0,120s");
        _ = _node.StartDaemon();
        CniTool tool = new(
            _node.Sandbox, new PodNetwork(File.ReadAllText(SourceTree.File("netconf/dhcp.conflist", "it is part of the repository"))));
        Pod first = tool.AddPod("first");
        Pod second = tool.AddPod("second");

        first.AssertReaches("192.168.1.1");
        first.AssertReaches(second.Address());
        tool.CheckPod(first);
        tool.DeletePod(first);
        _ = _node.AssertLeases(1);
    }
}
