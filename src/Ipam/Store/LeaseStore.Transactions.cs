using System.Net;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Ipam.Store;

public sealed partial class LeaseStore
{
    /// <summary>Nothing is made on disk for questions about a network that has never given an address.</summary>
    private T UseIfAny<T>(T none, Func<LeasePool, T> work, Func<LeaseJournal, T?>? ahead = null) where T : class?
    {
        try
        {
            if (!_files.Exist && (!_references.Any(reference => reference.Exists) || FindOther() is not null))
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
            _witness?.Read();
            if (ahead is not null && TryUseJournal(ahead) is { } answer)
                return answer;
            try
            {
                return UseDatabase(work);
            }
            catch (StoreDamagedException)
            {
                return MakeStore(work, LeaseSalvage.Read(_files));
            }
        }
        catch (TimeoutException e)
        {
            throw Busy(e);
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
            if (journal is not { IsClosed: false } || journal.DataFile != _files.DataVersion || WasPutBack(journal.Position))
                return null;
            StorePosition before = journal.Position;
            T? answer = ahead(journal);
            if (before.IsBehind(journal.Position))
                _witness?.Write(journal.Position, MarksBehind(journal));
            return answer;
        }
        catch (StoreDamagedException)
        {
            // The database will meet it, too, and its damage is mended.
            return null;
        }
    }

    private T UseDatabase<T>(Func<LeasePool, T> work)
    {
        using LeaseJournal? journal = _files.OpenJournal();
        using StoreFile? data = OpenData(journal);
        if (data is null)
            return MakeStore(work, LeaseSalvage.Read(_files));
        T result;
        LeasePool pool;
        using (StoreFile log = _files.OpenLog())
        using (LeaseDatabase database = LeaseDatabase.Open(data, log))
        {
            database.Begin();
            pool = Load(database, journal);
            result = work(pool);
            if (!pool.IsChanged)
                return result;
            Save(pool, journal!);
        }
        // Behind the closing of the database, which may still write.
        PutJournal(LeaseJournal.Encode(pool.Generation, DataFileVersion.Of(data.Descriptor.Status()), pool.Plan, isClosed: false));
        _witness?.Write(new StorePosition(pool.Generation, 0), pool.Marks);
        return result;
    }

    /// <summary>What database and journal say together.</summary>
    /// <exception cref="StoreDamagedException">They do not fit, or say what was long ago.</exception>
    private LeasePool Load(LeaseDatabase database, LeaseJournal? journal)
    {
        LeasePool pool = LeasePool.TryLoad(database) ?? throw new StoreDamagedException("the lease store is empty");
        if (journal is null)
            throw new StoreDamagedException("the lease store has no journal");
        pool.Fold(journal);
        return WasPutBack(pool.Generation == journal.Generation ? journal.Position : new StorePosition(pool.Generation, 0))
            ? throw new StoreDamagedException("the lease store was put back to an older state")
            : pool;
    }

    /// <summary>Opens the data file that the journal goes on from; null if there is none.</summary>
    private StoreFile? OpenData(LeaseJournal? journal)
    {
        StoreFile? data = _files.OpenData();
        bool isNamed = data is not null && DataFileVersion.Of(data.Status) == journal?.DataFile;
        if (isNamed || journal is null || !_files.TryComplete(journal.DataFile))
            return data;
        data?.Dispose();
        return _files.OpenData();
    }

    private bool WasPutBack(StorePosition position) => _witness is not null && position.IsBehind(_witness.Position);

    /// <summary>The addresses that were given last, those of the journal among them.</summary>
    private List<(IpFamily Family, UInt128 Address)> MarksBehind(LeaseJournal journal)
    {
        List<(IpFamily Family, UInt128 Address)> marks = [.. _witness!.Marks];
        int given = journal.Leases.Count;
        foreach (PlannedSet set in journal.Plan.Sets)
        {
            if ((given > 1 ? set.Next[given - 2] : set.Last) is { } last)
                _ = marks.Remove((set.Family, last));
            marks.Insert(0, (set.Family, set.Next[given - 1]));
        }
        return marks[..Math.Min(marks.Count, PoolIndex.MaxMarks)];
    }

    /// <summary>A journal that finds no room is no failure: what is in the database was given, and the next call opens that.</summary>
    private void PutJournal(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _files.ReplaceJournal(bytes);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException or IpamException)
        {
            // The old one is closed and stays.
        }
    }

    /// <summary>The filter counts more than there is rather than less, wherever this is cut off.</summary>
    private void Save(LeasePool pool, LeaseJournal journal)
    {
        using StoreFile file = _files.OpenFilter();
        ContainerFilter filter = new(file.Descriptor);
        if (!filter.TryAdd(pool.Containers.Added))
            filter.Write(pool.AllLeases().Select(static lease => lease.Key.ContainerId));
        journal.Close();
        pool.Save();
        try
        {
            filter.Remove(pool.Containers.Removed);
        }
        catch (LinuxException)
        {
            // It is committed; the filter counts more.
        }
    }

    /// <summary>Makes the store, or makes it anew, beside what there is, and does the work in it.</summary>
    private T MakeStore<T>(Func<LeasePool, T> work, LeaseSalvage salvage)
    {
        bool isFirst = !_files.Exist;
        if (isFirst)
            ClearOthers();
        T result;
        LeasePool pool;
        DataFileVersion made;
        try
        {
            using StoreFile data = _files.MakeData();
            using (StoreFile log = _files.MakeLog())
            using (LeaseDatabase database = LeaseDatabase.Open(data, log))
            {
                database.Begin();
                pool = Create(database, salvage);
                result = work(pool);
                pool.Save();
            }
            using (StoreFile filter = _files.MakeFilter())
                new ContainerFilter(filter.Descriptor).Write(pool.AllLeases().Select(static lease => lease.Key.ContainerId));
            if (!isFirst)
                _files.KeepDamaged();
            made = DataFileVersion.Of(data.Descriptor.Status());
            _files.ReplaceJournal(LeaseJournal.Encode(pool.Generation, made, pool.Plan, isClosed: false));
        }
        catch
        {
            _files.DeleteMade();
            throw;
        }
        Complete(made);
        _witness?.Write(new StorePosition(pool.Generation, 0), pool.Marks);
        return result;
    }

    /// <summary>What cannot be done now is done by the next call: the addresses were given when the journal took its place.</summary>
    private void Complete(DataFileVersion made)
    {
        try
        {
            _ = _files.TryComplete(made);
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // The journal names the file.
        }
    }

    /// <summary>Deletes what other boots of this machine have left, and refuses to give addresses beside another machine.</summary>
    private void ClearOthers()
    {
        RequireNoOther();
        _files.Others.Delete();
        // What lies below /run is no other machine's.
        if (_witness is not null)
            _files.Others.Sign(_options.Machine());
    }

    private void RequireNoOther()
    {
        if (FindOther() is not { } other)
            return;
        string own = _options.Machine() is { Length: > 0 } machine ? machine : "without machine-id and host name";
        throw new IpamException(
            IpamErrorKind.StoreBroken,
            $"ipam.dataDir is {_options.DataDir}, where machine {other.Machine} keeps addresses of network {_options.Network}, too "
            + $"({other.Store}); this one is {own}. Both would give the same addresses: give each machine a dataDir of its own, or, if the "
            + $"other one no longer uses this directory, delete {other.Store}*");
    }

    private OtherStore? FindOther() => _files.Others.FindForeign(_options.Machine(), _options.BootTime);

    private LeasePool Create(LeaseDatabase database, LeaseSalvage salvage)
    {
        LeasePool pool = LeasePool.Create(database, _witness?.Position.Generation ?? 0);
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
        foreach ((IpFamily family, UInt128 address) in _witness?.Marks.Reverse() ?? [])
            pool.Mark(IpText.FromUInt128(address, family));
        IEnumerable<Lease> inKernel = _options.Evidence.FindInKernel();
        // A store that is damaged knows more of a pod than the kernel does; one that was put back knows what is no longer so.
        IEnumerable<Lease> found = WasPutBack(salvage.Position) ? inKernel.Concat(salvage.Sound) : salvage.Sound.Concat(inKernel);
        foreach (Lease lease in found.Concat(salvage.Doubtful))
            AddFound(pool, lease);
        return pool;
    }

    /// <summary>Several witnesses may report the same attachment, each with a part of its addresses.</summary>
    private static void AddFound(LeasePool pool, Lease found)
    {
        // No ADD has given it: such a call is refused.
        if (!IsStorable(found.Key.ContainerId) || !IsStorable(found.Key.IfName) || !IsStorable(found.NetNS))
            return;
        LeasedAddress[] addresses = [.. found.Addresses.DistinctBy(leased => leased.Address).Where(leased => !pool.IsHeld(leased.Address))];
        Lease? known = pool.LeasesOf(found.Key.ContainerId).FirstOrDefault(lease => lease.Key == found.Key);
        if (known is null)
        {
            if (addresses.Length > 0)
                pool.Add(found with { Addresses = addresses });
            return;
        }
        Lease better = known.NetNS.Length == 0 || (known.Origin == default && found.Origin != default) ? found : known;
        pool.Remove(known);
        pool.Add(known with
        {
            NetNS = better.NetNS,
            Origin = better.Origin,
            Addresses = [.. known.Addresses, .. addresses],
        });
    }

    private IpamException Busy(TimeoutException e) =>
        new(IpamErrorKind.StoreBusy, $"the addresses of network {_options.Network} are in use: {e.Message}", e);

    private IpamException Broken(Exception e) => new(IpamErrorKind.StoreBroken, $"lease store in {_files.Directory}: {e.Message}", e);
}
