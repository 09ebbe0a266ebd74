using Cni;
using Linux.Addresses;
using Plugins.Configuration;
using TestKit;

namespace Plugins.Tests.Configuration;

public sealed class RequestedMacTests
{
    private const string Weakest = "02:00:00:00:00:01";
    private const string Middle = "02:00:00:00:00:02";
    private const string Strongest = "02:00:00:00:00:03";

    private static MacAddress? Read(string args, string argsMac, string runtimeMac) =>
        TestCall.Add("", call => RequestedMac.Read(call, argsMac, runtimeMac), args);

    [Theory]
    [InlineData("", "", "", null)]
    [InlineData($"MAC={Weakest}", "", "", Weakest)]
    [InlineData($"IgnoreUnknown=1;K8S_POD_NAME=p;MAC={Weakest}", "", "", Weakest)]
    [InlineData("MAC=", "", "", null)]
    [InlineData($"mac={Weakest}", "", "", null)]
    [InlineData($"MAC={Weakest}", Middle, "", Middle)]
    [InlineData($"MAC={Weakest}", "", Strongest, Strongest)]
    [InlineData("", Middle, Strongest, Strongest)]
    [InlineData($"MAC={Weakest}", Middle, Strongest, Strongest)]
    [InlineData("", "02-00-00-00-00-0A", "", "02:00:00:00:00:0a")]
    [InlineData("", "", "0200.0000.000b", "02:00:00:00:00:0b")]
    public void Strongest_source_wins(string args, string argsMac, string runtimeMac, string? expected) =>
        Assert.Equal(expected, Read(args, argsMac, runtimeMac)?.ToString());

    [Theory]
    [InlineData("MAC=02:00", "", "", CniErrorCode.InvalidEnvironment, "CNI_ARGS MAC is \"02:00\"")]
    [InlineData("", "nonsense", "", CniErrorCode.InvalidNetworkConfig, "args.cni.mac is \"nonsense\"")]
    [InlineData("", "", "02:00:00:00:00:0g", CniErrorCode.InvalidNetworkConfig, "runtimeConfig.mac is \"02:00:00:00:00:0g\"")]
    [InlineData("", "", "00:00:00:00:00:00", CniErrorCode.InvalidNetworkConfig, "runtimeConfig.mac is \"00:00:00:00:00:00\"")]
    [InlineData("", "01:00:5e:00:00:01", "", CniErrorCode.InvalidNetworkConfig, "args.cni.mac is \"01:00:5e:00:00:01\"")]
    [InlineData("MAC=ff:ff:ff:ff:ff:ff", "", "", CniErrorCode.InvalidEnvironment, "CNI_ARGS MAC is \"ff:ff:ff:ff:ff:ff\"")]
    // InfiniBand's 8 and 20 bytes are none of Ethernet's.
    [InlineData("", "", "02:00:00:00:00:00:00:01", CniErrorCode.InvalidNetworkConfig, "runtimeConfig.mac")]
    // Overruled or not.
    [InlineData("MAC=x", Middle, Strongest, CniErrorCode.InvalidEnvironment, "CNI_ARGS MAC is \"x\"")]
    public void Address_that_cannot_be_used_is_refused(string args, string argsMac, string runtimeMac, CniErrorCode code, string words) =>
        TestCall.AssertFails(code, [words, "such as 02:00:00:00:00:01"], () => Read(args, argsMac, runtimeMac));
}
