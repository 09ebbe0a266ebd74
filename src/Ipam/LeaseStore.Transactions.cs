using System.Net;
using Linux;

namespace Ipam;

public sealed partial class LeaseStore
{
    /// <summary>Nothing is made on disk for questions about a network that has never given an address.</summary>
    private T UseIfAny<T>(T none, Func<LeasePool, T> work, Func<LeaseJournal, T?>? ahead = null) where T : class?
    {
        try
        {
            if (!_files.Exist && !_references.Any(reference => reference.Exists))
                return none;
        }
        catch (LinuxException e)
        {
            throw Broken(e);
        }
        return Use(work, ahead);
    }

    /// <summary>One transaction under the lock.</summary>
    /// <param name="work">Uses the database.</param>
    /// <param name="ahead">Answers from the journal alone; null if that cannot tell.</param>
    private T Use<T>(Func<LeasePool, T> work, Func<LeaseJournal, T?>? ahead = null) where T : class?
    {
        try
        {
            using FileLock held = _files.Lock(_options.LockTimeout);
            if (ahead is not null && TryUseJournal(ahead) is { } answer)
                return answer;
            try
            {
                return UseOnce(work);
            }
            catch (StoreDamagedException)
            {
                IReadOnlyList<Lease> salvaged = Salvage();
                _files.SetAside();
                return UseOnce(work, salvaged);
            }
        }
        catch (TimeoutException e)
        {
            throw new IpamException(IpamErrorKind.StoreBusy, $"the addresses of network {_options.Network} are in use: {e.Message}", e);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException or StoreDamagedException)
        {
            throw Broken(e);
        }
    }

    private T? TryUseJournal<T>(Func<LeaseJournal, T?> ahead) where T : class?
    {
        try
        {
            using LeaseJournal? journal = _files.OpenJournal();
            return journal is { IsClosed: false } && journal.DataFile == _files.DataVersion ? ahead(journal) : null;
        }
        catch (StoreDamagedException)
        {
            // The database will meet it, too, and its damage is mended.
            return null;
        }
    }

    private T UseOnce<T>(Func<LeasePool, T> work, IReadOnlyList<Lease>? salvaged = null)
    {
        using FileDescriptor data = _files.OpenData();
        using FileDescriptor log = _files.OpenLog();
        T result;
        LeasePool pool;
        using (LeaseDatabase database = LeaseDatabase.Open(data, log))
        {
            database.Begin();
            LeasePool? known = LeasePool.TryLoad(database);
            pool = known ?? Create(database, salvaged ?? []);
            using LeaseJournal? journal = known is null ? null : _files.OpenJournal() ?? throw new StoreDamagedException("the lease store has no journal");
            if (journal is not null)
                pool.Fold(journal);
            result = work(pool);
            if (!pool.IsChanged)
                return result;
            Save(pool, journal);
        }
        // Behind the closing of the database, which may still write.
        PutJournal(LeaseJournal.Encode(pool.Generation, DataFileVersion.Of(data.Status()), pool.Plan, isClosed: false));
        return result;
    }

    /// <summary>A journal that finds no room is no failure: what is in the database was given, and the next call opens that.</summary>
    private void PutJournal(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _files.ReplaceJournal(bytes);
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            // The old one is closed and stays.
        }
    }

    /// <summary>The filter counts more than there is rather than less, wherever this is cut off.</summary>
    private void Save(LeasePool pool, LeaseJournal? journal)
    {
        using FileDescriptor file = _files.OpenFilter();
        ContainerFilter filter = new(file);
        if (!filter.TryAdd(pool.Containers.Added))
            filter.Write(pool.AllLeases().Select(static lease => lease.Key.ContainerId));
        journal?.Close();
        pool.Save();
        filter.Remove(pool.Containers.Removed);
    }

    /// <summary>
    /// What can still be read of a damaged store: the checksums vouch for it, and it may hold an address that was given a moment ago
    /// and is on no interface yet.
    /// </summary>
    private List<Lease> Salvage()
    {
        List<Lease> leases = [];
        for (int bucket = 0; bucket < LeaseBucket.Count;)
        {
            using FileDescriptor data = _files.OpenData();
            using FileDescriptor log = _files.OpenLog();
            using LeaseDatabase? database = TryOpen(data, log);
            // LiteDB closes itself at the first error, so the next bucket needs a new opening.
            if (database is null)
                break;
            try
            {
                for (database.Begin(); bucket < LeaseBucket.Count; bucket++)
                    leases.AddRange(LeasePool.ReadBucket(database, bucket));
            }
            catch (StoreDamagedException)
            {
                bucket++;
            }
        }
        leases.AddRange(SalvageJournal());
        return leases;
    }

    private List<Lease> SalvageJournal()
    {
        try
        {
            using LeaseJournal? journal = _files.OpenJournal();
            return [.. journal?.Leases ?? []];
        }
        catch (StoreDamagedException)
        {
            return [];
        }
    }

    private static LeaseDatabase? TryOpen(FileDescriptor data, FileDescriptor log)
    {
        try
        {
            return LeaseDatabase.Open(data, log);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    private LeasePool Create(LeaseDatabase database, IReadOnlyList<Lease> salvaged)
    {
        _files.DeleteOtherBoots();
        LeasePool pool = LeasePool.Create(database);
        List<Lease> journaled = SalvageJournal();
        // A process that is killed behind the commit leaves a journal that belongs to the store.
        _files.ReplaceJournal(LeaseJournal.Encode(pool.Generation, default, AddressPlan.None, isClosed: true));
        foreach (ReferenceDirectory reference in _references)
        {
            using FileLock? held = reference.Lock(_files.Directory, _options.LockTimeout);
            foreach (IPAddress address in reference.ReadLastReserved().Reverse())
                pool.Mark(address);
            foreach (Lease lease in reference.ReadLeases(_options.BootTime()))
            {
                if (_options.Evidence.Probe(lease) != Liveness.Dead)
                    AddFound(pool, lease);
            }
        }
        foreach (Lease lease in _options.Evidence.FindInKernel().Concat(salvaged).Concat(journaled))
            AddFound(pool, lease);
        return pool;
    }

    /// <summary>Several witnesses may report the same attachment, each with a part of its addresses.</summary>
    private static void AddFound(LeasePool pool, Lease found)
    {
        LeasedAddress[] addresses = [.. found.Addresses.DistinctBy(leased => leased.Address).Where(leased => !pool.IsHeld(leased.Address))];
        Lease? known = pool.LeasesOf(found.Key.ContainerId).FirstOrDefault(lease => lease.Key == found.Key);
        if (known is null)
        {
            if (addresses.Length > 0)
                pool.Add(found with { Addresses = addresses });
            return;
        }
        pool.Remove(known);
        pool.Add(known with
        {
            NetNS = known.NetNS.Length > 0 ? known.NetNS : found.NetNS,
            Addresses = [.. known.Addresses, .. addresses],
        });
    }

    private IpamException Broken(Exception e) => new(IpamErrorKind.StoreBroken, $"lease store in {_files.Directory}: {e.Message}", e);
}
