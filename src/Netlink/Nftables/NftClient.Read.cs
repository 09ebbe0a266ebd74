using Linux;
using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

public sealed partial class NftClient
{
    // enum nft_gen_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_GEN_ID = 1;

    private const ushort Dump = (ushort)GetFlags.Dump;

    // A dump takes less than a pod's ADD, so even on a node where pods come without pause some dump brings nothing new.
    private const int ListAttempts = 100;

    /// <summary>A number that every change of the ruleset changes.</summary>
    public uint GetGeneration()
    {
        NetlinkBatch batch = new();
        AppendGetGeneration(batch);
        return _socket.Get(batch, static (_, payload) => new Generation(ReadGeneration(payload)))[0].Number;
    }

    /// <summary>A table; null if there is none of that name.</summary>
    public NftTable? FindTable(NftFamily family, string name)
    {
        NftTable table = new(family, name);
        return Get(NftVerb.GetTable, 0, family, $"get table {table}", table.WriteName, NftTable.Read).FirstOrDefault();
    }

    /// <summary>All tables of a family, or of every family.</summary>
    public List<NftTable> ListTables(NftFamily family = 0) =>
        Get(NftVerb.GetTable, Dump, family, "list tables", static _ => { }, NftTable.Read);

    /// <summary>A chain; null if it or its table is absent.</summary>
    public NftChain? FindChain(NftTable table, string name)
    {
        NftChain chain = new(table, name);
        return Get(NftVerb.GetChain, 0, table.Family, $"get chain {chain}", chain.WriteName, NftChain.Read).FirstOrDefault();
    }

    /// <summary>Those of some chains that exist, and the generation at which that is so; one datagram, and no dump.</summary>
    /// <param name="chains">Their tables may be absent, too.</param>
    public (uint Generation, List<NftChain> Chains) FindChains(params ReadOnlySpan<NftChain> chains)
    {
        uint generation = 0;
        NetlinkBatch batch = new();
        // First, so that a change between the requests makes the generation too old and not the chains.
        AppendGetGeneration(batch);
        foreach (NftChain chain in chains)
        {
            const ushort Acknowledged = (ushort)RequestFlags.Acknowledge;
            chain.WriteName(
                NftMessage.Begin(batch, NftVerb.GetChain, Acknowledged, chain.Table.Family, $"get chain {chain}", Errno.ENOENT));
            batch.End();
        }
        List<NftChain> found = _socket.Get(batch, (type, payload) =>
        {
            if (type != NftMessage.TypeOf(NftVerb.NewGeneration))
                return NftChain.Read(payload);
            generation = ReadGeneration(payload);
            return null;
        });
        return (generation, found);
    }

    /// <summary>The chains of a table; none if it is absent.</summary>
    public List<NftChain> ListChains(NftTable table) =>
        // The kernel filters by family only.
        Get(NftVerb.GetChain, Dump, table.Family, $"list chains {table}", static _ => { }, NftChain.Read)
            .FindAll(chain => chain.Table.Name == table.Name);

    /// <summary>The rules of a table, chain by chain in their order; none if it is absent.</summary>
    public List<NftRule> ListRules(NftTable table) =>
        Get(NftVerb.GetRule, Dump, table.Family, $"list rules {table}", writer => NftRule.WriteTable(writer, table), NftRule.Read);

    /// <summary>The rules of a chain in their order; none if it is absent.</summary>
    public List<NftRule> ListRules(NftChain chain) =>
        Get(NftVerb.GetRule, Dump, chain.Table.Family, $"list rules {chain}", writer => NftRule.WriteName(writer, chain, 0), NftRule.Read);

    /// <summary>A set or map; null if it or its table is absent.</summary>
    public NftSet? FindSet(NftTable table, string name)
    {
        NftSet set = new(table, name, default);
        return Get(NftVerb.GetSet, 0, table.Family, $"get set {set}", set.WriteName, NftSet.Read).FirstOrDefault();
    }

    /// <summary>The sets and maps of a table, anonymous ones too; none if it is absent.</summary>
    public List<NftSet> ListSets(NftTable table) =>
        Get(NftVerb.GetSet, Dump, table.Family, $"list sets {table}", writer => NftSet.WriteTable(writer, table), NftSet.Read);

    /// <summary>All elements of a set; none if it is absent.</summary>
    /// <remarks>
    /// A dump that takes several messages can leave elements out and repeat others while the kernel moves them to a larger or smaller
    /// table: it begins each message by counting from the table's start (nft_rhash_walk, net/netfilter/nft_set_hash.c), and unlike a change
    /// of the ruleset that does not mark the dump as interrupted. So dumps are added up until one brings nothing new.
    /// </remarks>
    /// <exception cref="NetlinkException">The kernel refused; EBUSY if the list did not stand still.</exception>
    public List<NftElement> ListElements(NftSet set)
    {
        OrderedDictionary<(NftValue, bool), NftElement> found = [];
        for (int attempt = 0; attempt < ListAttempts; attempt++)
        {
            List<List<NftElement>> messages = Get(
                NftVerb.GetElement,
                Dump,
                set.Table.Family,
                $"list elements {set}",
                writer => NftElementList.WriteName(writer, set),
                NftElementList.Read);
            int known = found.Count;
            foreach (NftElement element in Flatten(messages))
                found[(element.Key, element.IsIntervalEnd)] = element;
            if (messages.Count <= 1 || found.Count == known)
                return [.. found.Values];
        }
        throw new NetlinkException(Errno.EBUSY, $"list elements {set}", $"there were new ones in each of {ListAttempts} dumps");
    }

    /// <summary>The element with a key, without a dump; null if it, the set or the table is absent.</summary>
    public NftElement? FindElement(NftSet set, NftValue key) => FindElements(set, [key]).FirstOrDefault();

    /// <summary>The elements that have one of some keys, in the order of the keys, without a dump; absent ones are left out.</summary>
    public List<NftElement> FindElements(NftSet set, params ReadOnlySpan<NftValue> keys)
    {
        NetlinkBatch batch = new();
        AppendGetElements(batch, set, keys);
        return Flatten(_socket.Get<List<NftElement>>(batch, static (_, payload) => NftElementList.Read(payload)));
    }

    private static List<NftElement> Flatten(List<List<NftElement>> lists) => lists.SelectMany(static elements => elements).ToList();

    private static void AppendGetGeneration(NetlinkBatch batch)
    {
        _ = NftMessage.Begin(batch, NftVerb.GetGeneration, (ushort)RequestFlags.Acknowledge, 0, "get generation");
        batch.End();
    }

    private static uint ReadGeneration(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_GEN_ID)
                return attributes.ReadUInt32BigEndian();
        }
        throw new WireFormatException("NFT_MSG_NEWGEN without NFTA_GEN_ID", 0);
    }

    // One request for each key: the kernel ends a request at the first key that is absent. Each is acknowledged, since an element's
    // message does not say that it is the last.
    private static void AppendGetElements(NetlinkBatch batch, NftSet set, ReadOnlySpan<NftValue> keys)
    {
        foreach (NftValue key in keys)
        {
            NftElement element = new(key);
            NetlinkWriter writer = NftMessage.Begin(
                batch,
                NftVerb.GetElement,
                (ushort)RequestFlags.Acknowledge,
                set.Table.Family,
                $"get element {set} {{ {element} }}",
                Errno.ENOENT);
            NftElementList.WriteName(writer, set);
            NftElementList.WriteOne(writer, element);
            batch.End();
        }
    }

    private List<T> Get<T>(
        NftVerb verb,
        ushort flags,
        NftFamily family,
        OperationText description,
        Action<NetlinkWriter> write,
        Func<ReadOnlySpan<byte>, T> read)
        where T : class
    {
        NetlinkBatch batch = new();
        write(NftMessage.Begin(batch, verb, flags, family, description));
        batch.End();
        return _socket.Get(batch, (_, payload) => read(payload));
    }

    private sealed record Generation(uint Number);
}
