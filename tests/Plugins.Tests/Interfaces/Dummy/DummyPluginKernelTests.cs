using Netlink.Route.Links;

namespace Plugins.Tests.Interfaces.Dummy;

[Trait("Kernel", "uml")]
public sealed class DummyPluginKernelTests() : PodLinkKernelTest(PluginTable.Create("dummy")!)
{
    protected override string L2 => "";

    protected override string Kind => "dummy";

    [Fact]
    public void Addresses_are_required() => AddFails("", 7, "ipam.type", "dummy");

    [Fact]
    public void The_host_may_have_an_interface_of_that_name()
    {
        NodeClient.CreateLink(new DummySpec { Name = "eth0" });
        Check(OtherIpam, Add(OtherIpam));
    }
}
