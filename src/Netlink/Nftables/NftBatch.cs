using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>
/// Changes that happen together or not at all. Verbs and objects are those of the nft program: adding what exists succeeds and
/// changes nothing but a base chain's policy, creating what exists fails with EEXIST, deleting what is absent fails with ENOENT.
/// </summary>
/// <remarks>
/// One failing operation fails the whole batch and the kernel changes nothing. A later operation may name what an earlier one makes.
/// Adding an element whose key exists succeeds and keeps the old comment, so an element that says who owns it is created.
/// </remarks>
public sealed partial class NftBatch
{
    // linux/netfilter/nfnetlink.h
    private const ushort NFNL_MSG_BATCH_BEGIN = 16;
    private const ushort NFNL_MSG_BATCH_END = 17;
    private const ushort NFNL_BATCH_GENID = 1;

    private const ushort Add = (ushort)NewFlags.Create;
    private const ushort Create = (ushort)(NewFlags.Create | NewFlags.Exclusive);

    private readonly NetlinkBatch _requests = new();
    private uint _lastSetId;
    private bool _isSealed;

    /// <summary>Starts an empty batch.</summary>
    /// <param name="generation">
    /// The ruleset's generation (<see cref="NftClient.GetGeneration"/>) that what was read belongs to: if anything has changed since, the
    /// batch fails with ERESTART. Null for a batch that is right whatever happens beside it.
    /// </param>
    public NftBatch(uint? generation = null)
    {
        // NFNL_MSG_BATCH_BEGIN: struct nfgenmsg, NFNL_BATCH_GENID be32
        NetlinkWriter writer = _requests.Begin(NFNL_MSG_BATCH_BEGIN, 0, "nftables batch", guardsAll: true);
        NftMessage.WriteBatchHeader(writer);
        if (generation is { } expected)
            writer.WriteUInt32BigEndianAttribute(NFNL_BATCH_GENID, expected);
        _requests.End();
    }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => _requests.Count == 1;

    /// <summary>Adds a table.</summary>
    public NftBatch AddTable(NftTable table) => Append(NftVerb.NewTable, Add, table, $"add table {table}", table.Write);

    /// <summary>Creates a table; EEXIST if it exists.</summary>
    public NftBatch CreateTable(NftTable table) => Append(NftVerb.NewTable, Create, table, $"create table {table}", table.Write);

    /// <summary>Deletes a table with all that is in it.</summary>
    public NftBatch DeleteTable(NftTable table) => Append(NftVerb.DeleteTable, 0, table, $"delete table {table}", table.WriteName);

    /// <summary>
    /// Adds a chain. Of one that exists, only the policy is changed; another hook, type or priority is EEXIST or EOPNOTSUPP.
    /// </summary>
    public NftBatch AddChain(NftChain chain) => Append(NftVerb.NewChain, Add, chain.Table, $"add chain {chain}", chain.Write);

    /// <summary>Creates a chain; EEXIST if it exists.</summary>
    public NftBatch CreateChain(NftChain chain) => Append(NftVerb.NewChain, Create, chain.Table, $"create chain {chain}", chain.Write);

    /// <summary>Deletes a chain with its rules; EBUSY while something jumps to it.</summary>
    public NftBatch DeleteChain(NftChain chain) => Append(NftVerb.DeleteChain, 0, chain.Table, $"delete chain {chain}", chain.WriteName);

    /// <summary>Deletes all rules of a chain.</summary>
    public NftBatch FlushChain(NftChain chain) =>
        Append(NftVerb.DeleteRule, 0, chain.Table, $"flush chain {chain}", writer => NftRule.WriteName(writer, chain, 0));

    /// <summary>Adds a rule at the end of its chain, or behind the rule with a handle.</summary>
    public NftBatch AddRule(NftRule rule, ulong behind = 0)
    {
        const ushort Last = (ushort)(NewFlags.Create | NewFlags.Append);
        return Append(NftVerb.NewRule, Last, rule.Chain.Table, $"add rule {rule.Chain}", writer => rule.Write(writer, 0, behind));
    }

    /// <summary>Inserts a rule at the start of its chain, or before the rule with a handle.</summary>
    public NftBatch InsertRule(NftRule rule, ulong before = 0) =>
        Append(NftVerb.NewRule, Add, rule.Chain.Table, $"insert rule {rule.Chain}", writer => rule.Write(writer, 0, before));

    /// <summary>Puts a rule in the place of the one that has its handle.</summary>
    public NftBatch ReplaceRule(NftRule rule)
    {
        ThrowIfNoHandle(rule);
        const ushort Replace = (ushort)NewFlags.Replace;
        return Append(NftVerb.NewRule, Replace, rule.Chain.Table, $"replace rule {rule}", writer => rule.Write(writer, rule.Handle, 0));
    }

    /// <summary>Deletes the rule with its handle.</summary>
    public NftBatch DeleteRule(NftRule rule)
    {
        ThrowIfNoHandle(rule);
        return Append(NftVerb.DeleteRule, 0, rule.Chain.Table, $"delete rule {rule}", writer => rule.WriteName(writer, rule.Handle));
    }

    /// <summary>Adds a set or map. One that exists must be alike (EEXIST since kernel 6.5).</summary>
    public NftBatch AddSet(NftSet set) =>
        Append(NftVerb.NewSet, Add, set.Table, $"add set {set}", writer => set.Write(writer, ++_lastSetId));

    /// <summary>Creates a set or map; EEXIST if it exists.</summary>
    public NftBatch CreateSet(NftSet set) =>
        Append(NftVerb.NewSet, Create, set.Table, $"create set {set}", writer => set.Write(writer, ++_lastSetId));

    /// <summary>Deletes a set or map with its elements; EBUSY while a rule uses it.</summary>
    public NftBatch DeleteSet(NftSet set) => Append(NftVerb.DeleteSet, 0, set.Table, $"delete set {set}", set.WriteName);

    /// <summary>Closes the batch; from now on it can only be sent, as often as wanted.</summary>
    internal NetlinkBatch Seal()
    {
        if (_isSealed)
            return _requests;
        _isSealed = true;
        // The kernel answers in the order of the requests after all have run, so the last one's answer is the end; older kernels (6.1)
        // do not acknowledge NFNL_MSG_BATCH_END.
        _requests.AcknowledgeLast();
        NftMessage.WriteBatchHeader(_requests.Begin(NFNL_MSG_BATCH_END, 0, "end of nftables batch"));
        _requests.End();
        return _requests;
    }

    private static void ThrowIfNoHandle(NftRule rule)
    {
        // Without a handle the kernel would take the request for one that means the whole chain.
        if (rule.Handle == 0)
            throw new ArgumentException($"the rule in {rule.Chain} was not read from the kernel and has no handle", nameof(rule));
    }

    private void ThrowIfSealed()
    {
        if (_isSealed)
            throw new InvalidOperationException("the batch has been sent, so nothing can be added to it; make another one");
    }

    private NftBatch Append(NftVerb verb, ushort flags, NftTable table, OperationText description, Action<NetlinkWriter> write)
    {
        ThrowIfSealed();
        write(NftMessage.Begin(_requests, verb, flags, table.Family, description));
        _requests.End();
        return this;
    }
}
