using System.Net;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using TestKit;

namespace Datapath.Tests.Rulesets;

public sealed class IntervalElementsTests : KernelTest
{
    [Theory]
    [InlineData("", "")]
    [InlineData("10.1.0.0/26", "10.1.0.0 -10.1.0.64")]
    [InlineData("10.2.0.0/26 10.1.0.0/26", "10.1.0.0 -10.1.0.64 10.2.0.0 -10.2.0.64")]
    [InlineData("10.1.0.64/26 10.1.0.0/26", "10.1.0.0 -10.1.0.128")]
    [InlineData("10.1.0.0/16 10.1.7.0/24 10.1.0.0/26", "10.1.0.0 -10.2.0.0")]
    [InlineData("255.255.255.0/24", "255.255.255.0")]
    [InlineData("255.0.0.0/8 255.255.255.0/24", "255.0.0.0")]
    [InlineData("0.0.0.0/0 10.0.0.0/8", "0.0.0.0")]
    [InlineData("ffff::/16 fd00::/122", "fd00:: -fd00::40 ffff::")]
    public void What_overlaps_or_touches_is_one_interval(string prefixes, string expected)
    {
        IpPrefix[] parsed = [.. prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TestCall.Prefix)];
        IReadOnlyList<NftElement> elements = IntervalElements.Of(parsed);
        Assert.Equal(
            expected,
            string.Join(' ', elements.Select(
                static element => $"{(element.IsIntervalEnd ? "-" : "")}{IpText.Format(new IPAddress(element.Key.Bytes))}")));
        if (parsed.Length == 0)
            return;

        // The kernel takes them, and tells them back as they were.
        using NftClient nft = NftClient.Open(Namespace);
        NftTable table = new(NftFamily.Inet, "t");
        NftSet set = new(table, "s", parsed[0].Family.AddressType) { Flags = NftSetFlags.Interval };
        nft.Execute(new NftBatch().AddTable(table).AddSet(set).AddElements(set, [.. elements]));
        Assert.Equal(elements.ToHashSet(), nft.ListElements(set).ToHashSet());
    }
}
