using Agent.Blocks;
using Linux.Addresses;

namespace Agent.Tests.Blocks;

public sealed class BlockPoolTests
{
    private static IpPrefix Prefix(string text) =>
        IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new ArgumentException(text);

    private static BlockPool Pool(string pool, int length) => new(Prefix(pool), length);

    [Theory]
    [InlineData("10.244.0.0/16", 26, 1024ul, "10.244.0.0/26", "10.244.255.192/26")]
    [InlineData("10.244.0.0/24", 32, 256ul, "10.244.0.0/32", "10.244.0.255/32")]
    [InlineData("10.244.0.0/26", 26, 1ul, "10.244.0.0/26", "10.244.0.0/26")]
    [InlineData("0.0.0.0/0", 32, 1ul << 32, "0.0.0.0/32", "255.255.255.255/32")]
    [InlineData("fd00:244::/120", 122, 4ul, "fd00:244::/122", "fd00:244::c0/122")]
    [InlineData("fd00:244::/120", 128, 256ul, "fd00:244::/128", "fd00:244::ff/128")]
    public void Blocks_fill_the_pool(string pool, int length, ulong count, string first, string last)
    {
        BlockPool blocks = Pool(pool, length);
        Assert.Equal(count, blocks.Count);
        Assert.Equal(Prefix(first), blocks[0]);
        Assert.Equal(Prefix(last), blocks[count - 1]);
        Assert.True(blocks.Has(blocks[count - 1]));
    }

    [Theory]
    [InlineData("10.245.0.0/26")]
    [InlineData("10.244.0.0/27")]
    [InlineData("fd00::/26")]
    public void Others_are_none_of_its(string block) => Assert.False(Pool("10.244.0.0/16", 26).Has(Prefix(block)));

    [Theory]
    [InlineData("10.244.0.1/16", 26, "10.244.0.0/16")]
    [InlineData("10.244.0.0/16", 15, "16 to 32")]
    [InlineData("10.244.0.0/16", 33, "16 to 32")]
    [InlineData("fd00::/48", 129, "48 to 128")]
    public void What_does_not_fit_is_named_with_the_remedy(string pool, int length, string remedy) =>
        Assert.Contains(remedy, Assert.Throws<ArgumentException>(() => Pool(pool, length)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_node_begins_at_its_own_place_and_finds_the_last_free_block()
    {
        BlockPool pool = Pool("10.244.0.0/20", 26);
        HashSet<IpPrefix> taken = [];
        IpPrefix? first = pool.FindFree("node1", taken.Contains);
        Assert.Equal(first, pool.FindFree("node1", taken.Contains));
        // printf node1 | sha512sum | cut -c1-16, modulo 64: every version must keep it, or a node no longer finds its place.
        Assert.Equal(Prefix("10.244.8.128/26"), first);
        for (ulong i = 0; i < pool.Count; i++)
        {
            IpPrefix block = pool.FindFree("node1", taken.Contains)!.Value;
            Assert.True(taken.Add(block));
        }
        Assert.Null(pool.FindFree("node1", taken.Contains));
        Assert.Equal((int)pool.Count, taken.Count);
    }

    [Fact]
    public void A_huge_pool_is_searched_as_fast_as_a_small_one()
    {
        BlockPool pool = Pool("fd00::/8", 122);
        HashSet<IpPrefix> taken = [];
        for (int i = 0; i < 1000; i++)
            Assert.True(taken.Add(pool.FindFree("node1", taken.Contains)!.Value));
        Assert.All(taken, block => Assert.True(pool.Has(block)));
    }
}
