using System.Net;
using Cni;
using Plugins.Chained.Sbr;
using TestKit;

namespace Plugins.Tests.Chained.Sbr;

public sealed class SbrSettingsTests
{
    private static SbrSettings Read(string members) => TestCall.Add(members, SbrSettings.Read);

    [Theory]
    [InlineData("")]
    [InlineData("\"table\": null, \"gateways\": null, \"addSourceHints\": null")]
    [InlineData("\"gateways\": [], \"addSourceHints\": false")]
    public void Nothing_is_needed(string members) =>
        Assert.Equal(new SbrSettings { Table = null, Gateway4 = null, Gateway6 = null, AddSourceHints = false }, Read(members));

    [Fact]
    public void Every_key_is_read() => Assert.Equal(
        new SbrSettings
        {
            Table = uint.MaxValue,
            Gateway4 = IPAddress.Parse("10.1.2.1"),
            Gateway6 = IPAddress.Parse("fd00::1"),
            AddSourceHints = true,
        },
        Read("\"Table\": 4294967295, \"gateways\": [\"fd00::1\", \"10.1.2.1\"], \"addsourcehints\": true"));

    [Theory]
    [InlineData("\"table\": 0", 7, "table", "0")]
    [InlineData("\"table\": -1", 7, "table", "-1")]
    [InlineData("\"table\": 4294967296", 7, "table", "4294967296")]
    [InlineData("\"table\": \"100\"", 6, "table", "100")]
    [InlineData("\"gateways\": [\"10.1.2.1\", \"10.1.3.1\"]", 7, "gateways", "10.1.3.1")]
    [InlineData("\"gateways\": [\"fd00::1\", \"10.1.2.1\", \"fd00::2\"]", 7, "gateways", "fd00::2")]
    [InlineData("\"gateways\": [\"10.1.2.1/24\"]", 7, "gateways", "10.1.2.1/24")]
    [InlineData("\"gateways\": [\"\"]", 7, "gateways", "\"\"")]
    [InlineData("\"gateways\": \"10.1.2.1\"", 6, "gateways", "10.1.2.1")]
    public void What_cannot_be_used_is_refused(string members, uint code, string word, string other) =>
        TestCall.AssertFails((CniErrorCode)code, [word, other], () => Read(members));
}
