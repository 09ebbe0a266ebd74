using Linux;
using Netlink.Nftables;
using TestKit;

namespace Netlink.Tests.Nftables;

/// <summary>A test with an empty ruleset of its own.</summary>
public abstract class NftKernelTest : KernelTest
{
    protected static readonly NftTable Table = new(NftFamily.Inet, "t");

    protected NftKernelTest() => Nft = NftClient.Open(Namespace);

    protected NftClient Nft { get; }

    public override void Dispose()
    {
        Nft.Dispose();
        base.Dispose();
    }

    /// <summary>Asserts what nft lists, and that its listing can be loaded again.</summary>
    protected void AssertListing(string expected) => NftProgram.AssertListing(Namespace, expected);

    /// <summary>Asserts that a batch is refused at one operation.</summary>
    protected void AssertRefused(Errno errno, string operation, NftBatch batch)
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Nft.Execute(batch));
        Assert.Equal((errno, operation), (refusal.Errno, refusal.Operation));
    }
}
