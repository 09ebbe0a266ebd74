using Cni;
using Linux;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Chained.Vrf;
using TestKit;

namespace Plugins.Tests.Chained.Vrf;

/// <summary>The kernels of most test machines have no VRFs; where one has, VrfPluginKernelTests say what happens.</summary>
public sealed class VrfSupportKernelTests : NodeKernelTest
{
    [Fact]
    public void Kernel_without_VRF_is_told_and_nothing_is_changed()
    {
        if (
            NodeClient.TryExecute(
                new RouteBatch().CreateLink(new VrfSpec { Name = "probe", Table = 9 })) is not [{ Errno: Errno.EOPNOTSUPP }])
        {
            return;
        }
        _ = MakeVeth();
        FakeHost host = TestCall.HostFor("ADD", "\"vrfname\": \"red\", \"prevResult\": {\"ips\": [{\"address\": \"10.1.2.3/24\"}]}");
        host["CNI_NETNS"] = PathOf(Pod);
        Assert.Equal(1, Node.Run(() => CniProgram.Run(host, new VrfPlugin())));
        Assert.Contains("\"code\": 2", host.Output, StringComparison.Ordinal);
        Assert.Contains("modprobe vrf", host.Output, StringComparison.Ordinal);
        Assert.Null(PodClient.FindLink("eth0")!.MasterIndex);
        Assert.Empty(host.Errors);
    }
}
