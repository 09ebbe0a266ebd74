using Cni;
using Netlink.Route.Addresses;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class GatewayAddressesKernelTests : NodeKernelTest
{
    private readonly int _bridge;

    public GatewayAddressesKernelTests() => _bridge = MakeBridge();

    private void Ensure(bool force, params string[] wanted) =>
        GatewayAddresses.Plan(NodeClient, _bridge, "br0", [.. wanted.Select(TestCall.Prefix)], force).Apply(NodeClient, _bridge);

    private void Has(params string[] addresses)
    {
        foreach (string address in addresses)
        {
            NodeClient.AddAddress(
                _bridge, new AddressSpec { Address = TestCall.Prefix(address), NoDad = address.Contains(':', StringComparison.Ordinal) });
        }
    }

    private string[] Present() =>
        [
            .. NodeClient.ListAddresses(_bridge)
                .Select(address => address.Address)
                .Where(address => !address.Address.IsIPv6LinkLocal)
                .Select(address => address.ToString()),
        ];

    [Theory]
    [InlineData("10.1.2.1/24", "10.1.2.2/24")]
    [InlineData("10.1.2.1/24", "10.9.0.1/16")]
    [InlineData("10.1.2.1/24", "10.1.2.1/16")]
    [InlineData("fd00:1::1/64", "fd00:1::2/64")]
    [InlineData("fd00:1::1/64", "fd00::1/16")]
    [InlineData("fd00::1/16", "fd00:1::1/64")]
    public void Address_in_the_way_is_refused_or_replaced(string present, string gateway)
    {
        Has(present);
        TestCall.AssertFails(
            CniErrorCode.InvalidNetworkConfig,
            ["br0 already has an IP address different from", gateway, present, "forceAddress"],
            () => Ensure(force: false, gateway));
        Assert.Equal([present], Present());
        Ensure(force: true, gateway);
        Assert.Equal([gateway], Present());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_ipv6_subnets_live_side_by_side(bool force)
    {
        Has("fd00:1::1/64", "10.1.2.1/24");
        Ensure(force, "fd00:2::1/64");
        Assert.Equal(["10.1.2.1/24", "fd00:1::1/64", "fd00:2::1/64"], Present().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Addresses_that_are_there_are_left_alone()
    {
        Has("10.1.2.1/24", "fd00::1/64");
        Ensure(force: false, "10.1.2.1/24", "fd00::1/64");
        Assert.Equal(["10.1.2.1/24", "fd00::1/64"], Present());
    }

    [Fact]
    public void Refusal_changes_nothing()
    {
        Has("fd00::2/64");
        _ = Assert.Throws<CniException>(() => Ensure(force: false, "10.1.2.1/24", "fd00::1/64"));
        Assert.Equal(["fd00::2/64"], Present());
    }

    [Fact]
    public void Several_gateways_of_one_pod_are_not_in_each_others_way()
    {
        Ensure(force: false, "10.1.2.1/24", "10.1.3.1/24", "fd00::1/64");
        Assert.Equal(3, Present().Length);
        Ensure(force: true, "10.1.2.1/24", "10.1.3.1/24", "fd00::1/64");
        Assert.Equal(3, Present().Length);
    }

    [Fact]
    public void Ipv6_gateway_serves_at_once()
    {
        Ensure(force: false, "fd00::1/64");
        InterfaceAddress address = Assert.Single(NodeClient.ListAddresses(_bridge), address => !address.Address.Address.IsIPv6LinkLocal);
        Assert.False(address.IsTentative);
        Assert.True(address.Flags.HasFlag(AddressFlags.NoDad));
    }

    [Fact]
    public void Link_local_gateway_stands_beside_the_kernels_own()
    {
        Has("fe80::1234/64");
        Ensure(force: false, "fe80::1/64");
        string[] all = [.. NodeClient.ListAddresses(_bridge).Select(address => address.Address.ToString())];
        Assert.Contains("fe80::1/64", all);
        Assert.Contains("fe80::1234/64", all);
    }

    [Fact]
    public void Of_names_each_gateway_once_with_the_subnets_length()
    {
        CniIp[] ips =
        [
            new() { Address = TestCall.Prefix("10.1.2.5/24"), Gateway = TestCall.Prefix("10.1.2.1/24").Address },
            new() { Address = TestCall.Prefix("10.1.2.6/24"), Gateway = TestCall.Prefix("10.1.2.1/24").Address },
            new() { Address = TestCall.Prefix("fd00::5/64"), Gateway = TestCall.Prefix("fd00::1/64").Address },
            new() { Address = TestCall.Prefix("10.9.0.5/24") },
        ];
        Assert.Equal([TestCall.Prefix("10.1.2.1/24"), TestCall.Prefix("fd00::1/64")], GatewayAddresses.Of(ips));
    }
}
