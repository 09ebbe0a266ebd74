using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Netlink.Tests.Nftables;

/// <summary>
/// Masquerading of pods as a plugin does it, and the protocol by which any number of processes share one table without a lock.
/// </summary>
/// <remarks>
/// What is there: in <c>table inet cniplugin</c> a base chain <c>postrouting</c> that asks the maps <c>masq4</c> and <c>masq6</c> for the
/// packet's source, and for each subnet a chain that returns for the own subnet and multicast and masquerades the rest. A pod is one
/// element, address : goto chain of its subnet, with a comment that begins with the tag.
///
/// ADD, two datagrams:
/// 1. Read the rules of the table (not its elements: the answer does not grow with pods).
/// 2. If the shared rules and those of the subnet's chain are as they should be, send one batch that creates the element. If not, send one
///    batch with everything: add the table, chains and maps (no error if they exist), flush both chains, add their rules, create the
///    element. Flushing and adding in one batch is atomic, so no packet meets an empty chain, nobody's rule is doubled, and it does not
///    matter how many build at the same time: the last one writes what the first one wrote.
/// 3. Errors of the batch: ENOENT means that somebody flushed between 1 and 2: send everything. EEXIST comes from the element only,
///    since nothing else is created: read the holder by its key. Ours (same tag): send everything but the element if it was missing, done.
///    Not ours: the caller decides; a dead holder's element is deleted and created anew in one batch that is bound to the generation at
///    which it was read.
///
/// DEL: <see cref="NftClient.DeleteElements(NftSet, IEnumerable{NftValue}, Predicate{NftElement})"/> with the addresses of the lease;
/// deletes those whose comment begins with the tag. Chains of subnets stay: they are few, and a concurrent ADD may be about to refer to
/// one.
///
/// Two datagrams cost 50 µs on a quiet machine; sending everything always would be one datagram and 110 µs and would renumber the rules at
/// every ADD. The kernel (6.18) walks a verdict map's elements whenever one with a goto is added: 20 µs with 400 pods, 0.24 ms with 5,000.
/// </remarks>
internal sealed class MasqueradeTable(NftClient client)
{
    public static readonly NftTable Table = new(NftFamily.Inet, "cniplugin");

    public static readonly NftChain Postrouting = new(Table, "postrouting")
    {
        Base = new NftBaseChain("nat", NftHook.Postrouting, NftPriority.SourceNat),
    };

    private static readonly IpPrefix Multicast4 = Parse("224.0.0.0/4");
    private static readonly IpPrefix Multicast6 = Parse("ff00::/8");

    /// <summary>How often everything had to be sent: for tests.</summary>
    public int Builds { get; private set; }

    /// <summary>Masquerades what a pod sends out of its subnet.</summary>
    /// <returns>Null, or the element of another owner that holds the address.</returns>
    public NftElement? Add(IPAddress address, IpPrefix subnet, string tag, string names)
    {
        NftSet map = MapOf(address.IsIPv6);
        NftElement pod = new(NftValue.Of(address)) { Verdict = NftVerdict.Goto(ChainOf(subnet).Name), Comment = $"{tag} {names}" };
        bool isBuilt = IsBuilt(client.ListRules(Table), subnet);
        while (true)
        {
            NftBatch batch = isBuilt ? new NftBatch() : Everything(subnet);
            Builds += isBuilt ? 0 : 1;
            List<NetlinkException> refusals = client.TryExecute(batch.CreateElements(map, pod));
            switch (refusals.FirstOrDefault()?.Errno)
            {
                case null:
                    return null;
                case Errno.ENOENT when isBuilt:
                    isBuilt = false;
                    break;
                case Errno.EEXIST:
                    // If the holder goes away just now, the next round creates the element.
                    if (client.FindElement(map, pod.Key) is not { } holder)
                        break;
                    if (!IsOf(holder, tag))
                        return holder;
                    // The refusal of the element was the refusal of the whole batch.
                    if (!isBuilt)
                        client.Execute(Everything(subnet));
                    return null;
                default:
                    throw refusals[0];
            }
        }
    }

    /// <summary>Stops masquerading for a pod; true if there was something to stop.</summary>
    public bool Remove(IPAddress address, string tag) =>
        client.DeleteElements(MapOf(address.IsIPv6), [NftValue.Of(address)], element => IsOf(element, tag)).Count > 0;

    public static NftSet MapOf(bool isIPv6) => isIPv6
        ? new NftSet(Table, "masq6", NftDataType.IPv6Address) { ValueType = NftDataType.Verdict }
        : new NftSet(Table, "masq4", NftDataType.IPv4Address) { ValueType = NftDataType.Verdict };

    // nft's grammar has no colon in names; an underscore stands in no subnet.
    public static NftChain ChainOf(IpPrefix subnet) => new(Table, $"masq-{subnet.ToString().Replace(':', '_')}");

    private static NftBatch Everything(IpPrefix subnet)
    {
        NftChain chain = ChainOf(subnet);
        NftBatch batch = new NftBatch()
            .AddTable(Table)
            .AddChain(Postrouting)
            .AddChain(chain)
            .AddSet(MapOf(isIPv6: false))
            .AddSet(MapOf(isIPv6: true))
            .FlushChain(Postrouting)
            .FlushChain(chain);
        foreach (NftRule rule in SharedRules())
            _ = batch.AddRule(rule);
        foreach (NftRule rule in SubnetRules(subnet))
            _ = batch.AddRule(rule);
        return batch;
    }

    private static bool IsBuilt(List<NftRule> rules, IpPrefix subnet) =>
        IsAs(rules, Postrouting, SharedRules()) && IsAs(rules, ChainOf(subnet), SubnetRules(subnet));

    private static bool IsAs(List<NftRule> rules, NftChain chain, NftRule[] expected)
    {
        List<NftRule> actual = rules.FindAll(rule => rule.Chain.Name == chain.Name);
        return actual.Count == expected.Length && actual.Zip(expected).All(static pair => pair.First.HasSameExpressionsAs(pair.Second));
    }

    private static NftRule[] SharedRules() =>
    [
        new(Postrouting, [.. PacketMatch.SourceAddress(Table.Family, IpFamily.IPv4), Lookup.Verdict(MapOf(isIPv6: false).Name)]),
        new(Postrouting, [.. PacketMatch.SourceAddress(Table.Family, IpFamily.IPv6), Lookup.Verdict(MapOf(isIPv6: true).Name)]),
    ];

    private static NftRule[] SubnetRules(IpPrefix subnet)
    {
        NftChain chain = ChainOf(subnet);
        Immediate back = new(NftVerdict.Return);
        return
        [
            new(chain, [.. PacketMatch.DestinationIn(Table.Family, subnet), back]),
            new(chain, [.. PacketMatch.DestinationIn(Table.Family, subnet.IsIPv6 ? Multicast6 : Multicast4), back]),
            new(chain, [new Masquerade()]),
        ];
    }

    private static bool IsOf(NftElement element, string tag) => element.Comment?.StartsWith(tag, StringComparison.Ordinal) == true;

    private static IpPrefix Parse(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
