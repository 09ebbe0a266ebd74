using Cni;
using Plugins.Chained.Vrf;
using TestKit;

namespace Plugins.Tests.Chained.Vrf;

public sealed class VrfSettingsTests
{
    private static VrfSettings Read(string members) => TestCall.Add(members, VrfSettings.Read);

    [Theory]
    [InlineData("\"vrfname\": \"red\"", "red", null)]
    [InlineData("\"VrfName\": \"red\", \"Table\": 0", "red", null)]
    [InlineData("\"vrfname\": \"red\", \"table\": 4294967295", "red", uint.MaxValue)]
    public void Keys_are_read(string members, string name, uint? table) => Assert.Equal(new VrfSettings(name, table), Read(members));

    [Theory]
    [InlineData("", 7, "vrfname", "missing")]
    [InlineData("\"vrfname\": null", 7, "vrfname", "missing")]
    [InlineData("\"vrfname\": \"\"", 7, "vrfname", "missing")]
    [InlineData("\"vrfname\": \"a/b\"", 7, "vrfname", "a/b")]
    [InlineData("\"vrfname\": \"sixteen-bytes-xx\"", 7, "vrfname", "sixteen-bytes-xx")]
    [InlineData("\"vrfname\": \"eth0\"", 7, "vrfname", "CNI_IFNAME")]
    [InlineData("\"vrfname\": 1", 6, "vrfname", "1")]
    [InlineData("\"vrfname\": \"red\", \"table\": 254", 7, "table", "254")]
    [InlineData("\"vrfname\": \"red\", \"table\": -1", 6, "table", "-1")]
    [InlineData("\"vrfname\": \"red\", \"table\": 4294967296", 6, "table", "4294967296")]
    public void What_cannot_be_used_is_refused(string members, uint code, string word, string other) =>
        TestCall.AssertFails((CniErrorCode)code, [word, other], () => Read(members));

    [Fact]
    public void Versions_begin_with_0_3_1() =>
        Assert.Equal(["0.3.1", "0.4.0", "1.0.0", "1.1.0"], new VrfPlugin().SupportedVersions);
}
