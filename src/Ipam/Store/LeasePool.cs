using System.Net;
using Linux.Addresses;

namespace Ipam.Store;

/// <summary>
/// Leases and held addresses as one transaction sees them. An address is held once per pool, whatever range it was given from.
/// Documents: <c>index</c> (<see cref="PoolIndex"/>), an <see cref="AddressBlock"/> per prefix, numbered <see cref="LeaseBucket"/>s.
/// </summary>
internal sealed class LeasePool
{
    private const string IndexId = "index";

    /// <summary>Empty blocks are kept up to here: a network whose last container goes will soon have its next.</summary>
    private const int MaxIdleBlocks = 64;

    private readonly LeaseDatabase _database;
    private readonly bool _isNew;
    private readonly PoolIndex _index;
    private readonly Dictionary<BlockKey, AddressBlock> _blocks = [];
    private readonly Dictionary<int, LeaseBucket> _buckets = [];
    private readonly HashSet<BlockKey> _newBlocks = [];
    private readonly HashSet<BlockKey> _changedBlocks = [];
    private readonly HashSet<int> _changedBuckets = [];
    private readonly List<string> _added = [];
    private readonly List<string> _removed = [];

    private LeasePool(LeaseDatabase database, PoolIndex index, bool isNew)
    {
        _database = database;
        _index = index;
        _isNew = isNew;
    }

    /// <inheritdoc cref="PoolIndex.Generation"/>
    public long Generation => _index.Generation;

    /// <inheritdoc cref="PoolIndex.Marks"/>
    public IReadOnlyList<(IpFamily Family, UInt128 Address)> Marks => _index.Marks;

    /// <summary>The containers of leases that were added and removed, once per lease.</summary>
    public (IReadOnlyList<string> Added, IReadOnlyList<string> Removed) Containers => (_added, _removed);

    /// <summary>What the ADDs that follow get.</summary>
    public AddressPlan Plan { get; set; } = AddressPlan.None;

    /// <summary>Whether <see cref="Save"/> has something to write.</summary>
    public bool IsChanged => _isNew || _index.IsChanged || _changedBlocks.Count > 0 || _changedBuckets.Count > 0;

    /// <exception cref="StoreDamagedException">The database holds something, but no pool.</exception>
    public static LeasePool? TryLoad(LeaseDatabase database)
    {
        if (database.Find(IndexId) is { } bytes)
            return new LeasePool(database, PoolIndex.Decode(bytes), isNew: false);
        return database.IsNew ? null : throw new StoreDamagedException("the lease store has no index");
    }

    /// <summary>An empty pool, of the generation that comes next.</summary>
    public static LeasePool Create(LeaseDatabase database, long generation)
    {
        LeasePool pool = new(database, PoolIndex.After(generation), isNew: true);
        for (int number = 0; number < LeaseBucket.Count; number++)
            pool._buckets.Add(number, new LeaseBucket());
        return pool;
    }

    public IReadOnlyList<Lease> LeasesOf(string containerId) => Bucket(LeaseBucket.NumberOf(containerId)).Of(containerId);

    public IEnumerable<Lease> AllLeases() => Enumerable.Range(0, LeaseBucket.Count).SelectMany(number => Bucket(number).All());

    public bool IsHeld(IPAddress address)
    {
        BlockKey block = BlockKey.Of(address.Family, address.ToUInt128());
        return _index.Blocks.GetValueOrDefault(block) > 0 && Block(block).IsHeld(address.ToUInt128());
    }

    /// <summary>Adds a lease, whose addresses are free.</summary>
    public void Add(Lease lease)
    {
        foreach (LeasedAddress leased in lease.Addresses)
            SetHeld(leased.Address, held: true);
        int bucket = LeaseBucket.NumberOf(lease.Key.ContainerId);
        Bucket(bucket).Add(lease);
        _ = _changedBuckets.Add(bucket);
        _added.Add(lease.Key.ContainerId);
    }

    /// <summary>Removes a lease and frees its addresses.</summary>
    public void Remove(Lease lease)
    {
        foreach (LeasedAddress leased in lease.Addresses)
            SetHeld(leased.Address, held: false);
        int bucket = LeaseBucket.NumberOf(lease.Key.ContainerId);
        Bucket(bucket).Remove(lease.Key);
        _ = _changedBuckets.Add(bucket);
        _removed.Add(lease.Key.ContainerId);
    }

    /// <summary>Takes over the leases of a journal, unless a transaction that was cut off behind its commit has done so.</summary>
    /// <exception cref="StoreDamagedException">The journal is not this database's.</exception>
    public void Fold(LeaseJournal journal)
    {
        if (journal.IsClosed && journal.Generation < Generation)
            return;
        if (journal.Generation != Generation)
        {
            throw new StoreDamagedException(
                $"the lease store's journal is of generation {journal.Generation}, its database of {Generation}");
        }
        foreach (Lease lease in journal.Leases)
            Add(lease);
        Plan = journal.Plan.Behind(journal.Leases.Count);
        if (journal.Leases.Count == 0)
            return;
        foreach ((PlannedSet before, PlannedSet after) in journal.Plan.Sets.Zip(Plan.Sets))
            _index.MoveMark(before.Family, before.Last, after.Last!.Value);
    }

    /// <summary>The first free address from one to another; null if all are held.</summary>
    public UInt128? FindFree(IpFamily family, UInt128 from, UInt128 to)
    {
        for (BlockKey block = BlockKey.Of(family, from); block.First <= to; block = block with { Number = block.Number + 1 })
        {
            UInt128 first = UInt128.Max(from, block.First);
            UInt128 last = UInt128.Min(to, block.Last);
            int held = _index.Blocks.GetValueOrDefault(block);
            UInt128? free = held switch
            {
                0 => first,
                AddressBlock.Size => null,
                _ => Block(block).FindFree(first, last),
            };
            // The last block of all has no successor.
            if (free is not null || last == to)
                return free;
        }
        return null;
    }

    /// <summary>The last held address of a range set, in the order of its ranges; null if all are free.</summary>
    public UInt128? FindLastHeld(RangeSet set)
    {
        foreach (IpRange range in set.Ranges.Reverse())
        {
            foreach (BlockKey block in HeldBlocks(range).OrderByDescending(block => block.Number))
            {
                UInt128? held = Block(block).FindLastHeld(UInt128.Max(range.First, block.First), UInt128.Min(range.Last, block.Last));
                if (held is not null)
                    return held;
            }
        }
        return null;
    }

    public UInt128 CountHeld(RangeSet set)
    {
        UInt128 count = 0;
        foreach (IpRange range in set.Ranges)
        {
            foreach (BlockKey block in HeldBlocks(range))
            {
                bool isWhole = range.First <= block.First && block.Last <= range.Last;
                count += (uint)(isWhole
                    ? _index.Blocks[block]
                    : Block(block).CountHeld(UInt128.Max(range.First, block.First), UInt128.Min(range.Last, block.Last)));
            }
        }
        return count;
    }

    /// <inheritdoc cref="PoolIndex.FindMark"/>
    public UInt128? FindMark(RangeSet set) => _index.FindMark(set);

    /// <inheritdoc cref="PoolIndex.Mark(RangeSet, UInt128)"/>
    public void Mark(RangeSet set, UInt128 address) => _index.Mark(set, address);

    /// <inheritdoc cref="PoolIndex.Mark(IpFamily, UInt128)"/>
    public void Mark(IPAddress address) => _index.Mark(address.Family, address.ToUInt128());

    /// <summary>Writes what has changed and commits it, as a new generation.</summary>
    public void Save()
    {
        List<(LiteDB.BsonValue, byte[])> inserted = [];
        List<(LiteDB.BsonValue, byte[])> updated = [];
        DropIdleBlocks();
        _index.Advance();
        (_isNew ? inserted : updated).Add((IndexId, _index.Encode()));
        foreach (int number in _isNew ? _buckets.Keys : (IEnumerable<int>)_changedBuckets)
            (_isNew ? inserted : updated).Add((number, _buckets[number].Bytes));
        foreach (BlockKey key in _changedBlocks)
            (_newBlocks.Contains(key) ? inserted : updated).Add((key.Id, _blocks[key].Bits));
        if (inserted.Count > 0)
            _database.Insert(inserted);
        if (updated.Count > 0)
            _database.Update(updated);
        _database.Commit();
    }

    /// <summary>What is inconsistent, in words; nothing in a sound pool.</summary>
    public IEnumerable<string> Verify()
    {
        Dictionary<BlockKey, int> counted = [];
        HashSet<IPAddress> seen = [];
        foreach (Lease lease in AllLeases())
        {
            foreach (LeasedAddress leased in lease.Addresses)
            {
                if (!seen.Add(leased.Address))
                    yield return $"{leased.Address} is leased twice";
                if (!IsHeld(leased.Address))
                    yield return $"{leased.Address} is leased to {lease.Key} but free in its block";
                BlockKey block = BlockKey.Of(leased.Address.Family, leased.Address.ToUInt128());
                counted[block] = counted.GetValueOrDefault(block) + 1;
            }
        }
        foreach ((BlockKey block, int held) in _index.Blocks)
        {
            if (counted.GetValueOrDefault(block) != held || Block(block).CountHeld() != held)
                yield return $"block {block.Id} counts {held} held addresses, its leases have {counted.GetValueOrDefault(block)}";
        }
    }

    private IEnumerable<BlockKey> HeldBlocks(IpRange range) =>
        from block in _index.Blocks
        where block.Value > 0 && block.Key.Family == range.Family && block.Key.First <= range.Last && range.First <= block.Key.Last
        select block.Key;

    private void SetHeld(IPAddress address, bool held)
    {
        BlockKey key = BlockKey.Of(address.Family, address.ToUInt128());
        if (!_index.Blocks.ContainsKey(key))
        {
            _ = _newBlocks.Add(key);
            _blocks.Add(key, new AddressBlock(key, new byte[AddressBlock.ByteCount]));
            _index.SetHeld(key, 0);
        }
        AddressBlock block = Block(key);
        if (block.IsHeld(address.ToUInt128()) == held)
            throw new StoreDamagedException($"{IpText.Format(address)} is {(held ? "held" : "free")} already");
        block.Set(address.ToUInt128(), held);
        _index.SetHeld(key, _index.Blocks[key] + (held ? 1 : -1));
        _ = _changedBlocks.Add(key);
    }

    private void DropIdleBlocks()
    {
        if (_newBlocks.Count == 0 || _index.Blocks.Count <= MaxIdleBlocks)
            return;
        List<BlockKey> idle = [.. from block in _index.Blocks where block.Value == 0 && !_newBlocks.Contains(block.Key) select block.Key];
        foreach (BlockKey key in idle)
        {
            _index.Remove(key);
            _ = _changedBlocks.Remove(key);
        }
        _database.Delete(idle.Select(key => (LiteDB.BsonValue)key.Id));
    }

    private AddressBlock Block(BlockKey key)
    {
        if (_blocks.TryGetValue(key, out AddressBlock? block))
            return block;
        if (_database.Find(key.Id) is not { Length: AddressBlock.ByteCount } bits)
            throw new StoreDamagedException($"block {key.Id} of the lease store is missing");
        block = new AddressBlock(key, bits);
        if (block.CountHeld() != _index.Blocks[key])
            throw new StoreDamagedException($"block {key.Id} of the lease store is not the one that the index counted");
        _blocks.Add(key, block);
        return block;
    }

    private LeaseBucket Bucket(int number)
    {
        if (_buckets.TryGetValue(number, out LeaseBucket? bucket))
            return bucket;
        bucket = new LeaseBucket(
            _database.Find(number) ?? throw new StoreDamagedException($"bucket {number} of the lease store is missing"));
        _buckets.Add(number, bucket);
        return bucket;
    }
}
