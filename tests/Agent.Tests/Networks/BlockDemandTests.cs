using Agent.Networks;
using Linux.Addresses;

namespace Agent.Tests.Networks;

public sealed class BlockDemandTests
{
    private static readonly IpFamily[] s_both = [IpFamily.IPv4, IpFamily.IPv6];

    private static Dictionary<IpPrefix, BlockUse> Held(params (string Block, int Held)[] blocks) =>
        blocks.ToDictionary(static block => Prefix(block.Block), static block => new BlockUse(block.Held, 0));

    private static IpPrefix Prefix(string text) =>
        IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new ArgumentException(text);

    [Theory]
    [InlineData(47, false)]
    [InlineData(48, true)]
    public void More_is_wanted_at_three_quarters(int held, bool wants) =>
        Assert.Equal(wants, BlockDemand.WantsMore([IpFamily.IPv4], Held(("10.0.0.0/26", held))));

    [Fact]
    public void More_is_wanted_where_a_family_has_nothing_or_too_little()
    {
        Assert.True(BlockDemand.WantsMore(s_both, Held(("10.0.0.0/26", 0))));
        Assert.False(BlockDemand.WantsMore(s_both, Held(("10.0.0.0/26", 0), ("fd00::/122", 0))));
        Assert.True(BlockDemand.WantsMore(s_both, Held(("10.0.0.0/26", 0), ("fd00::/122", 60))));
        Assert.False(BlockDemand.WantsMore([], Held()));
    }

    [Fact]
    public void Single_addresses_are_wanted_one_ahead()
    {
        Assert.False(BlockDemand.WantsMore([IpFamily.IPv4], Held(("10.0.0.1/32", 0))));
        Assert.True(BlockDemand.WantsMore([IpFamily.IPv4], Held(("10.0.0.1/32", 1))));
    }

    [Fact]
    public void Reserved_addresses_are_none_that_pods_could_have()
    {
        IpPrefix block = Prefix("10.0.0.0/30");
        Assert.False(BlockDemand.WantsMore([IpFamily.IPv4], new Dictionary<IpPrefix, BlockUse> { [block] = new(Held: 1, Reserved: 0) }));
        Assert.True(BlockDemand.WantsMore([IpFamily.IPv4], new Dictionary<IpPrefix, BlockUse> { [block] = new(Held: 1, Reserved: 2) }));
        Assert.True(BlockDemand.WantsMore([IpFamily.IPv4], new Dictionary<IpPrefix, BlockUse> { [block] = new(Held: 0, Reserved: 3) }));
    }

    [Fact]
    public void Blocks_of_any_size_are_counted() =>
        Assert.False(BlockDemand.WantsMore(s_both, Held(("0.0.0.0/0", 5), ("::/0", 5), ("fd00::/64", 7))));

    [Fact]
    public void Spare_is_what_is_empty_and_not_wanted_again_at_once()
    {
        Assert.Empty(BlockDemand.Spare(Held(("10.0.0.0/26", 0))));
        Assert.Equal([Prefix("10.0.0.64/26")], BlockDemand.Spare(Held(("10.0.0.0/26", 10), ("10.0.0.64/26", 0))));
        Assert.Empty(BlockDemand.Spare(Held(("10.0.0.0/26", 50), ("10.0.0.64/26", 0))));
        Assert.Single(BlockDemand.Spare(Held(("10.0.0.0/26", 0), ("10.0.0.64/26", 0))));
        Assert.Empty(BlockDemand.Spare(Held(("10.0.0.0/26", 0), ("fd00::/122", 0))));
    }
}
