using LiteDB;

namespace Ipam.Store;

/// <summary>
/// What can still be read of a store that is damaged: it may hold an address that was given a moment ago and is on no interface yet. Each
/// record stands for itself, and nothing is written.
/// </summary>
internal sealed class LeaseSalvage
{
    private const string IndexId = "index";

    private readonly List<Lease> _sound = [];
    private readonly List<Lease> _doubtful = [];
    private long? _generation;
    private int _journaled;

    private LeaseSalvage()
    {
    }

    /// <summary>How far the store had come, as far as that can be read.</summary>
    public StorePosition Position => new(_generation ?? 0, _journaled);

    /// <summary>The leases that a checksum vouches for; one may be there several times.</summary>
    public IReadOnlyList<Lease> Sound => _sound;

    /// <summary>What looks like leases.</summary>
    public IReadOnlyList<Lease> Doubtful => _doubtful;

    /// <summary>Reads whatever there is.</summary>
    public static LeaseSalvage Read(StoreFiles files)
    {
        LeaseSalvage salvage = new();
        using (StoreFile? data = files.OpenData())
        using (StoreFile? log = files.TryOpenLog())
        {
            if (data is not null)
            {
                if (log is { Length: > 0 })
                    salvage.ReadPages(new DataPages(data, log));
                salvage.ReadPages(new DataPages(data, null));
            }
        }
        if (files.ReadJournal() is { } journal)
        {
            IReadOnlyList<Lease> journaled = LeaseJournal.Salvage(journal, salvage._generation);
            salvage._journaled = journaled.Count;
            salvage._sound.AddRange(journaled);
        }
        return salvage;
    }

    private void ReadPages(DataPages pages)
    {
        foreach ((BsonValue id, byte[] sealedBytes) in pages.Documents())
        {
            bool isSound = LeaseDatabase.TryUnseal(id, sealedBytes, out byte[] bytes);
            if (id.IsInt32 && isSound)
                _sound.AddRange(new LeaseBucket(bytes).All());
            else if (id.IsInt32)
                _doubtful.AddRange(LeaseBucket.Salvage(bytes));
            else if (isSound && id.AsString == IndexId)
                _generation ??= PoolIndex.Decode(bytes).Generation;
        }
    }
}
