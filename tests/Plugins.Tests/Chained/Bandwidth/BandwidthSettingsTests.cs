using Cni;
using Plugins.Chained.Bandwidth;
using TestKit;

namespace Plugins.Tests.Chained.Bandwidth;

public sealed class BandwidthSettingsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\"ingressRate\": 0, \"ingressBurst\": 0, \"egressRate\": 0, \"egressBurst\": 0")]
    [InlineData("\"ingressRate\": null, \"runtimeConfig\": null")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": null}")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": {\"IngressRate\": 0, \"IngressBurst\": 0}}")]
    [InlineData("\"ingressRate\": 0, \"runtimeConfig\": {\"bandwidth\": {\"egressRate\": 8000, \"egressBurst\": 8000}}")]
    public void Nothing_asked_is_nothing_to_do(string members) => Assert.True(Read(members).IsEmpty);

    [Theory]
    [InlineData("\"ingressRate\": 1000000, \"ingressBurst\": 800000")]
    [InlineData("\"INGRESSRATE\": 1000000, \"IngressBurst\": 800000, \"egressRate\": null")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 1000000, \"ingressBurst\": 800000}}")]
    [InlineData(
        "\"RuntimeConfig\": {\"bandWidth\": {\"IngressRate\": 1000000, \"IngressBurst\": 800000, \"EgressRate\": 0, \"EgressBurst\": 0}}")]
    [InlineData(
        "\"ingressRate\": 1000000, \"ingressBurst\": 800000, \"runtimeConfig\": {\"bandwidth\": {\"egressRate\": 8000, \"egressBurst\": "
        + "8000}}")]
    [InlineData("\"ingressRate\": null, \"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 1000000, \"ingressBurst\": 800000}}")]
    public void Rates_come_from_the_configuration_or_else_from_the_runtime(string members)
    {
        BandwidthSettings settings = Read(members);
        Assert.Equal((125_000UL, 100_000U), (settings.Ingress!.Bucket.Rate, settings.Ingress.Burst));
        Assert.Null(settings.Egress);
    }

    [Fact]
    [Trait("Conformance", "C19")]
    public void Bursts_have_64_bits()
    {
        BandwidthSettings settings = Read("\"egressRate\": 400000000000, \"egressBurst\": 34359738359");
        Assert.Equal((50_000_000_000UL, 4_294_967_294U), (settings.Egress!.Bucket.Rate, settings.Egress.Burst));
    }

    [Theory]
    [InlineData("\"ingressRate\": 1000", "ingressRate is 1000", "ingressBurst is 0", "set ingressBurst")]
    [InlineData("\"egressBurst\": 1000", "egressRate is 0", "egressBurst is 1000", "set egressRate")]
    [InlineData(
        "\"runtimeConfig\": {\"bandwidth\": {\"egressRate\": 8}}",
        "runtimeConfig.bandwidth.egressRate is 8",
        "runtimeConfig.bandwidth.egressBurst")]
    [InlineData("\"ingressRate\": 1000000, \"ingressBurst\": 34359738360", "ingressBurst is 34359738360", "4 GiB")]
    [InlineData("\"ingressRate\": 1000000, \"ingressBurst\": 18446744073709551615", "ingressBurst is 18446744073709551615")]
    [InlineData("\"egressRate\": 7, \"egressBurst\": 8000", "egressRate is 7")]
    [InlineData("\"egressRate\": 8000000, \"egressBurst\": 8", "egressBurst is 8 bits")]
    public void Half_a_limit_or_an_impossible_one_is_refused(string members, params string[] words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, words, () => Read(members));

    [Theory]
    [InlineData("\"ingressRate\": -1")]
    [InlineData("\"ingressRate\": 1.5")]
    [InlineData("\"ingressRate\": \"1M\"")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": {\"EgressBurst\": 18446744073709551616}}")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": []}")]
    public void Wrong_types_are_refused(string members) => TestCall.AssertFails(CniErrorCode.DecodingFailure, [], () => Read(members));

    private static BandwidthSettings Read(string members) => TestCall.Add(members, BandwidthSettings.Read);
}
