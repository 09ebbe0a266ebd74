using System.Net;
using System.Text;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// The addresses of one network: who holds which, on this boot. Every method is one transaction under the network's lock; what it
/// returns is committed, whatever happens to the process afterwards.
/// </summary>
/// <remarks>
/// <para>All methods throw <see cref="IpamException"/>: StoreBusy when another process keeps the lock for too long, StoreBroken when the
/// files cannot be read or written.</para>
/// <para>A store that is damaged is made anew, of what can still be read of it; copies of its files are kept (<c>….damaged-1</c>). One
/// that is made takes over what the kernel shows and what the reference left, so that no address is given twice.</para>
/// </remarks>
public sealed partial class LeaseStore
{
    private readonly LeaseStoreOptions _options;
    private readonly StoreFiles _files;
    private readonly LeaseWitness? _witness;
    private readonly IReadOnlyList<ReferenceDirectory> _references;

    /// <exception cref="IpamException">InvalidRequest: the network's name is no file name.</exception>
    public LeaseStore(LeaseStoreOptions options)
    {
        if (options.Network is "" or "." or ".." || options.Network.AsSpan().ContainsAny('/', '\0'))
            throw new IpamException(IpamErrorKind.InvalidRequest, $"network name \"{options.Network}\" cannot name a directory");
        _options = options;
        string directory = Path.Combine(options.DataDir, options.Network);
        string reference = Path.Combine(options.ReferenceDataDir, options.Network);
        _files = new StoreFiles(directory, options.BootId);
        _witness = LeaseWitness.Of(options.WitnessDir, directory, options.BootId);
        _references = directory == reference ? [new(directory)] : [new(directory), new(reference)];
    }

    /// <inheritdoc cref="LeaseDatabase.WarmUp"/>
    public static void WarmUp() => LeaseDatabase.WarmUp();

    /// <summary>Gives one address of each range set to an attachment; all or none.</summary>
    /// <param name="key">The attachment.</param>
    /// <param name="netns">CNI_NETNS, kept as evidence for later.</param>
    /// <param name="sets">Disjoint range sets.</param>
    /// <param name="requested">Addresses asked for, at most one per range set; the others get the next free one.</param>
    /// <exception cref="IpamException">
    /// DuplicateAllocation, AddressTaken, AddressNotInRange, AddressIsGateway, InvalidRequest, InvalidRange, RangeExhausted.
    /// </exception>
    public IReadOnlyList<Allocation> Allocate(
        LeaseKey key, string netns, IReadOnlyList<RangeSet> sets, IReadOnlyList<IPAddress> requested)
    {
        RangeSet.RequireDisjoint(sets);
        RequireStorable(key.ContainerId, "containerID");
        RequireStorable(key.IfName, "ifname");
        RequireStorable(netns, "netns");
        return Use(
            pool =>
            {
                Allocator allocator = new(pool, _options.Evidence, lease => Drop(pool, lease));
                IReadOnlyList<Allocation> allocations = allocator.Allocate(key, netns, sets, requested);
                pool.Plan = allocator.Plan(sets);
                return allocations;
            },
            journal => requested.Count == 0 ? AllocateAhead(journal, key, netns, sets) : null);
    }

    /// <summary>
    /// Takes back what an attachment holds; nothing if it holds nothing. What the reference recorded for the container alone goes with
    /// any of its interfaces that has no record of its own.
    /// </summary>
    /// <param name="key">The attachment.</param>
    /// <param name="add">The ADD that is undone, whose lease alone goes (<see cref="LeaseOrigin.Add"/>); 0 for any.</param>
    public IReadOnlyList<LeasedAddress> Release(LeaseKey key, ulong add = 0) => UseIfAny<IReadOnlyList<LeasedAddress>>([], pool =>
    {
        Lease? lease = Find(pool, key);
        if (lease is null || (add != 0 && lease.Origin.Add != add))
            return [];
        Drop(pool, lease);
        return lease.Addresses;
    });

    /// <summary>What an attachment holds; null if it holds nothing.</summary>
    public Lease? Find(LeaseKey key) =>
        UseIfAny(null, pool => Find(pool, key), journal => journal.Leases.FirstOrDefault(lease => lease.Key == key));

    /// <summary>Everything that is held.</summary>
    public IReadOnlyList<Lease> List() => UseIfAny<IReadOnlyList<Lease>>([], pool => [.. pool.AllLeases()]);

    /// <summary>
    /// Everything that is held, as the store's files say, for somebody who only looks. Nothing is made, mended or taken over from the
    /// reference: that asks the kernel who lives, as ADD and DEL do. The journal stays, too, from which the next ADDs are answered fast.
    /// </summary>
    /// <exception cref="IpamException">StoreBroken: it is damaged. StoreBusy: another process has the lock.</exception>
    public IReadOnlyList<Lease> Look()
    {
        try
        {
            if (!_files.Exist)
                return [];
            using FileLock held = _files.Lock(_options.LockTimeout);
            _witness?.Read();
            using LeaseJournal? journal = _files.OpenJournal();
            // Only to be read, so that LiteDB cannot mend what it does not understand, nor carry over what a killed process has left.
            using StoreFile? data = _files.TryReadData(), log = _files.TryReadLog();
            if (data is null || log is null)
                throw new StoreDamagedException("the lease store is not whole");
            using LeaseDatabase database = LeaseDatabase.Open(data, log);
            database.Begin();
            return [.. Load(database, journal).AllLeases()];
        }
        catch (TimeoutException e)
        {
            throw Busy(e);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException or StoreDamagedException)
        {
            throw new IpamException(
                IpamErrorKind.StoreBroken,
                $"lease store in {_files.Directory} cannot be read before the next ADD or DEL of a pod has mended it: {e.Message}",
                e);
        }
    }

    /// <summary>
    /// Takes back what everybody holds but the valid attachments and those that are just being made, and returns what it took. Of a lease
    /// whose holder has no name the list says nothing: it goes if the holder is dead.
    /// </summary>
    public IReadOnlyList<Lease> Collect(IReadOnlySet<LeaseKey> valid) => UseIfAny<IReadOnlyList<Lease>>([], pool =>
    {
        HashSet<string> containers = [.. valid.Select(key => key.ContainerId)];
        Lease[] stale = [.. pool.AllLeases().Where(IsStale)];
        foreach (Lease lease in stale)
            Drop(pool, lease);
        return stale;

        bool IsStale(Lease lease)
        {
            if (!lease.Key.IsKnown)
                return _options.Evidence.Probe(lease) == Liveness.Dead;
            bool isNamed = lease.Key.IfName.Length > 0 ? valid.Contains(lease.Key) : containers.Contains(lease.Key.ContainerId);
            return !isNamed && !_options.Evidence.IsBeingMade(lease);
        }
    });

    /// <summary>How full range sets are; also proof that the store works, or that one can be made.</summary>
    public IReadOnlyList<RangeSetUse> Measure(IReadOnlyList<RangeSet> sets)
    {
        RangeSetUse[]? uses = UseIfAny<RangeSetUse[]?>(
            null, pool => [.. sets.Select(set => new RangeSetUse(set, set.Capacity, pool.CountHeld(set)))]);
        if (uses is null)
            RequireRoom();
        return uses ?? [.. sets.Select(set => new RangeSetUse(set, set.Capacity, 0))];
    }

    /// <inheritdoc cref="LeasePool.Verify"/>
    internal IReadOnlyList<string> Verify() => Use(pool => (string[])[.. pool.Verify()]);

    private static Lease? Find(LeasePool pool, LeaseKey key)
    {
        IReadOnlyList<Lease> leases = pool.LeasesOf(key.ContainerId);
        return leases.FirstOrDefault(lease => lease.Key == key) ?? leases.FirstOrDefault(lease => lease.Key.IfName.Length == 0);
    }

    private static void RequireStorable(string text, string name)
    {
        if (!IsStorable(text))
            throw new IpamException(IpamErrorKind.InvalidRequest, $"{name} has more than {Lease.MaxTextLength} bytes");
    }

    private static bool IsStorable(string text) => Encoding.UTF8.GetByteCount(text) <= Lease.MaxTextLength;

    /// <summary>
    /// The file of the reference goes first: a call that is killed in between is repeated and finds the lease, but would not find a
    /// file without one.
    /// </summary>
    private void Drop(LeasePool pool, Lease lease)
    {
        if (lease.Imported)
        {
            foreach (ReferenceDirectory reference in _references)
                reference.Remove(lease);
        }
        pool.Remove(lease);
    }

    /// <summary>
    /// Gives what the journal's plan says, unless only the database can tell: what a container of that ID holds already, or what comes
    /// behind the plan.
    /// </summary>
    private Allocation[]? AllocateAhead(LeaseJournal journal, LeaseKey key, string netns, IReadOnlyList<RangeSet> sets)
    {
        int served = journal.Leases.Count;
        if (served >= journal.Plan.Length || sets.Count > LeaseBucket.MaxAddresses || !journal.Plan.IsFor(sets)
            || journal.Leases.Any(lease => lease.Key.ContainerId == key.ContainerId))
            return null;
        using (StoreFile filter = _files.OpenFilter())
        {
            if (new ContainerFilter(filter.Descriptor).MayHold(key.ContainerId))
                return null;
        }
        Allocation[] allocations = new Allocation[sets.Count];
        foreach ((int i, RangeSet set) in sets.Index())
        {
            IPAddress address = IpText.FromUInt128(journal.Plan.Sets[i].Next[served], set.Family);
            IpRange range = set.Find(address)!;
            allocations[i] = new Allocation(i, range.Subnet with { Address = address }, range.Gateway);
        }
        journal.Append(Allocator.LeaseOf(key, netns, _options.Evidence.Origin, allocations));
        return allocations;
    }

    private void RequireRoom()
    {
        try
        {
            if (!_files.CanBeMade)
                throw new IpamException(IpamErrorKind.StoreBroken, $"lease store in {_files.Directory}: no files can be made there");
            RequireNoOther();
        }
        catch (LinuxException e)
        {
            throw Broken(e);
        }
    }
}
