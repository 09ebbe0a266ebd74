using Linux;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

/// <summary>Runs where the kernel filters VLANs, as user-mode-linux does; elsewhere it skips.</summary>
public abstract class VlanKernelTest : NodeKernelTest
{
    protected VlanKernelTest()
    {
        List<NetlinkException> refusals = NodeClient.TryExecute(
            new RouteBatch().CreateLink(new BridgeSpec { Name = "br0", VlanFiltering = true, Up = true }));
        if (refusals is [{ Errno: Errno.EOPNOTSUPP }])
            Assert.Skip("this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING");
        Assert.Empty(refusals);
    }

    internal static BridgeSettings Settings(string members) => TestCall.Add($"\"bridge\": \"br0\", {members}", BridgeSettings.Read);

    /// <summary>The VLANs of a port as text: <c>100 pvid untagged, 200-210</c>.</summary>
    protected string VlansOf(int port) => string.Join(
        ", ",
        NodeClient.ListBridgeVlans().Find(vlans => vlans.LinkIndex == port)!.Ranges.Select(range =>
            $"{(range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}")}{(range.IsPvid ? " pvid" : "")}"
            + $"{(range.IsUntagged ? " untagged" : "")}"));
}
