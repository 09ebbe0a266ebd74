using System.Net;
using Agent.Overlay;

namespace Agent.Tests.Overlay;

public sealed class OverlaySettingsTests
{
    private static readonly OverlaySettings s_good = new() { Cluster = "c", Node = "n", Addresses = [IPAddress.Parse("192.0.2.1")] };

    public static TheoryData<OverlaySettings, string> Wrong => new()
    {
        { s_good with { Cluster = "" }, "cluster is empty" },
        { s_good with { Node = "" }, "nodeName is empty" },
        { s_good with { Addresses = [] }, "address is empty" },
        { s_good with { Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")] }, "address is 192.0.2.1, 192.0.2.2" },
        { s_good with { Vni = 0 }, "vni is 0; use 1 to 16777215" },
        { s_good with { Vni = 0x1000000 }, "vni is 16777216" },
        { s_good with { Port = 0 }, "port is 0" },
        { s_good with { Mtu = 1279 }, "mtu is 1279; use 1280" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_value_is_named(OverlaySettings settings, string words) =>
        Assert.StartsWith(words, Assert.Throws<ArgumentException>(settings.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void What_has_defaults_can_be_left_out() => s_good.Validate();

    [Fact]
    public void Backends_have_the_fields_names()
    {
        foreach (OverlayBackend backend in Enum.GetValues<OverlayBackend>())
            Assert.Equal(backend, OverlayBackends.Find(backend.Name));
        Assert.Equal(OverlayBackend.HostGateway, OverlayBackends.Find("host-gw"));
        Assert.Null(OverlayBackends.Find("hostgw"));
    }
}
