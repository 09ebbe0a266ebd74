using System.Net;
using Linux;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using TestKit;

namespace Netlink.Tests.Nftables;

/// <summary>As many elements as pods and ports may have, with the buffers that a socket has from the start.</summary>
public sealed class NftBatchSizeKernelTests : NftKernelTest
{
    private const int Tcp = 6;
    private const int Udp = 17;
    private const int Sctp = 132;

    // As long as they may be.
    private static readonly string Comment = new('x', 127);

    [Theory]
    [InlineData(new int[] { Tcp }, false)]
    [InlineData(new int[] { Udp }, true)]
    [InlineData(new int[] { Tcp, Udp }, false, true)]
    [InlineData(new int[] { Tcp, Udp, Sctp }, false, true)]
    public void Elements_are_created_found_and_deleted_however_many_there_are(int[] protocols, params bool[] families) =>
        BatchSizes.ForAll(count =>
    {
        NftSet[] maps = [.. families.Select(Map)];
        Nft.Execute(Tables(maps));
        NftBatch creation = new();
        foreach ((NftSet map, bool ipv6) in maps.Zip(families))
            creation.CreateElements(map, Elements(protocols, count, ipv6));
        Nft.Execute(creation);
        Assert.Equal(Errno.EEXIST, Nft.TryExecute(creation)[0].Errno);

        foreach ((NftSet map, bool ipv6) in maps.Zip(families))
        {
            NftElement[] elements = Elements(protocols, count, ipv6);
            Assert.Equal(elements, Nft.FindElements(map, [.. elements.Select(static element => element.Key)]));
            Assert.Equal(elements.Length, Nft.ListElements(map).Count);
        }
        (NftSet Map, NftValue Key)[] keys =
            [.. maps.Zip(families).SelectMany(map => Elements(protocols, count, map.Second).Select(element => (map.First, element.Key)))];
        Assert.Empty(Nft.DeleteElements(keys, static _ => false));
        Assert.Equal(keys.Length, Nft.DeleteElements(keys, static element => element.Comment == Comment).Count);
        Assert.Empty(Nft.DeleteElements(keys, static _ => true));
        Assert.All(maps, map => Assert.Empty(Nft.ListElements(map)));
        Nft.Execute(new NftBatch().DeleteTable(Table));
    });

    [Fact]
    public void Chains_are_found_and_rules_deleted_however_many_there_are() => BatchSizes.ForAll(count =>
    {
        NftChain[] chains = [.. Enumerable.Range(0, count).Select(static number => new NftChain(Table, $"c{number}"))];
        NftBatch creation = new NftBatch().AddTable(Table);
        foreach (NftChain chain in chains)
            creation.AddChain(chain).AddRule(new NftRule(chain, [new Counter()]));
        Nft.Execute(creation);
        NftChain[] absent = [.. chains.Select(static chain => chain with { Name = $"absent_{chain.Name}" })];
        (uint generation, List<NftChain> found) = Nft.FindChains([.. chains, .. absent]);
        Assert.Equal(count, found.Count);
        NftBatch deletion = new(generation);
        foreach (NftRule rule in Nft.ListRules(Table))
            deletion.DeleteRule(rule);
        Assert.Empty(Nft.TryExecute(deletion));
        // Each is refused, and each refusal is an answer.
        NftBatch again = new();
        foreach (NftChain chain in absent)
            again.DeleteChain(chain);
        Assert.Equal(count, Nft.TryExecute(again).Count);
        Nft.Execute(new NftBatch().DeleteTable(Table));
    });

    [Fact]
    public void Elements_go_in_several_commits_where_one_datagram_would_be_too_large_and_in_the_order_of_their_keys()
    {
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Namespace, largest: 4096);
        using NftClient limited = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        NftSet[] maps = [Map(false), Map(true)];
        Nft.Execute(Tables(maps).CreateElements(maps[0], Elements([Tcp], 600, false)).CreateElements(maps[1], Elements([Tcp], 600, true)));
        NetlinkException refusal = limited.TryExecute(new NftBatch().CreateElements(maps[0], Elements([Udp], 600, false)))[0];
        Assert.Equal(Errno.EMSGSIZE, refusal.Errno);

        List<NftElement> deleted = limited.DeleteElements(
            [
                .. Elements([Tcp], 600, true).Select(element => (maps[1], element.Key)),
                .. Elements([Tcp], 600, false).Select(element => (maps[0], element.Key)),
            ],
            static _ => true);

        Assert.Equal([.. Elements([Tcp], 600, true), .. Elements([Tcp], 600, false)], deleted);
        Assert.Empty(Nft.ListElements(maps[0]));
        Assert.Empty(Nft.ListElements(maps[1]));
    }

    [Theory]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.ETIMEDOUT)]
    public void Elements_whose_deletion_was_answered_but_not_heard_count_as_deleted(Errno loss)
    {
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Namespace);
        using NftClient client = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        NftElement[] elements = Elements([Tcp], 10, false);
        Nft.Execute(Tables([Map(false)]).CreateElements(Map(false), elements));
        // The first datagram reads.
        transport.LoseAnswerTo(2, loss);
        Assert.Equal(elements, client.DeleteElements(Map(false), elements.Select(static element => element.Key), static _ => true));
        Assert.Empty(Nft.ListElements(Map(false)));
    }

    [Fact]
    public void Reading_recovers_where_the_kernel_really_drops_answers()
    {
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Namespace, claimed: 2 * 1024 * 1024);
        using NftClient client = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        NftElement[] elements = Elements([Tcp], 500, false);
        Nft.Execute(Tables([Map(false)]).CreateElements(Map(false), elements));
        Assert.Equal(elements, client.FindElements(Map(false), [.. elements.Select(static element => element.Key)]));
        // One that is too large, and then those that are not.
        Assert.True(transport.Sent > 4, $"{transport.Sent} datagrams");
    }

    private static NftBatch Tables(NftSet[] maps)
    {
        NftBatch batch = new NftBatch().AddTable(Table);
        foreach (NftSet map in maps)
            batch.AddSet(map);
        return batch;
    }

    // As portmap's.
    private static NftSet Map(bool ipv6) => new(
        Table, ipv6 ? "ports6" : "ports4", NftDataType.Concat(NftDataType.InetProtocol, NftDataType.InetService))
    {
        ValueType = NftDataType.Concat(ipv6 ? NftDataType.IPv6Address : NftDataType.IPv4Address, NftDataType.InetService),
    };

    private static NftElement[] Elements(int[] protocols, int count, bool ipv6) =>
    [
        .. from protocol in protocols
           from port in Enumerable.Range(1000, count)
           select new NftElement(NftValue.Concat(NftValue.OfByte((byte)protocol), NftValue.Port((ushort)port)))
           {
               Value = NftValue.Concat(
                   NftValue.Of(ipv6 ? IPAddress.Parse("fd00::5") : IPAddress.Parse("10.1.2.5")), NftValue.Port((ushort)port)),
               Comment = Comment,
           },
    ];
}
