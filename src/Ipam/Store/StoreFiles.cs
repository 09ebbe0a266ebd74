using Linux;
using Linux.Files;

namespace Ipam.Store;

/// <summary>Where a network's store lies: <c>lock</c>, and of this boot the database's data and log, the journal and the filter.</summary>
/// <remarks>
/// A store that is made lies beside the one that it replaces, under names that end in <c>.new</c>, until its journal takes the place of
/// the old one: a journal names the data file that it goes on from, so this one step decides which store counts. A process that is killed
/// before it has changed nothing; what one that is killed behind it has left to do is done by the next call (<see cref="TryComplete"/>).
/// </remarks>
internal sealed class StoreFiles(string directory, string bootId)
{
    private const string Prefix = "leases-";
    private const string NewSuffix = ".new";

    private readonly string _data = Path.Combine(directory, $"{Prefix}{bootId}.db");
    private readonly string _log = Path.Combine(directory, $"{Prefix}{bootId}-log.db");
    private readonly string _journal = Path.Combine(directory, $"{Prefix}{bootId}.journal");
    private readonly string _filter = Path.Combine(directory, $"{Prefix}{bootId}.filter");

    public string Directory { get; } = directory;

    /// <summary>The stores of other boots in this directory.</summary>
    public OtherStores Others { get; } = new(directory, bootId);

    /// <summary>Whether a store of this boot has been made. Its data file may still have its other name: the journal's decides.</summary>
    public bool Exist => FileStatus.TryGet(_data) is not null || FileStatus.TryGet(_journal) is not null;

    /// <summary>Whether the directory is one in which files can be made, or can be made itself.</summary>
    public bool CanBeMade
    {
        get
        {
            string path = Path.GetFullPath(Directory);
            while (FileStatus.TryGet(path) is null && Path.GetDirectoryName(path) is { } parent)
                path = parent;
            return FileStatus.IsWritableDirectory(path);
        }
    }

    /// <summary>Locks the network, whose directory is made if absent.</summary>
    /// <exception cref="TimeoutException">Another process holds the lock.</exception>
    public FileLock Lock(TimeSpan timeout)
    {
        string path = Path.Combine(Directory, "lock");
        try
        {
            return FileLock.Acquire(path, timeout);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            OwnerDirectory.Create(Directory);
            return FileLock.Acquire(path, timeout);
        }
    }

    /// <summary>Opens the data file; null if there is none.</summary>
    public StoreFile? OpenData() => StoreFile.TryOpen(_data);

    /// <summary>Opens the log, which is made if absent.</summary>
    public StoreFile OpenLog() => StoreFile.Open(_log);

    /// <summary>Opens the log; null if there is none.</summary>
    public StoreFile? TryOpenLog() => StoreFile.TryOpen(_log);

    /// <summary>Opens the data file to be read; null if there is none.</summary>
    public StoreFile? TryReadData() => StoreFile.TryRead(_data);

    /// <summary>Opens the log to be read; null if there is none.</summary>
    public StoreFile? TryReadLog() => StoreFile.TryRead(_log);

    /// <summary>Opens the filter, which is made if absent.</summary>
    public StoreFile OpenFilter() => StoreFile.Open(_filter);

    /// <summary>The data file's version; null if there is none.</summary>
    public DataFileVersion? DataVersion => FileStatus.TryGet(_data) is { } status ? DataFileVersion.Of(status) : null;

    /// <summary>Reads the journal; null if there is none.</summary>
    /// <exception cref="StoreDamagedException">It is damaged.</exception>
    public LeaseJournal? OpenJournal() => StoreFile.TryOpen(_journal) is { } file ? LeaseJournal.Read(file) : null;

    /// <summary>The journal's bytes, sound or not; null if there is none.</summary>
    public byte[]? ReadJournal()
    {
        using StoreFile? file = StoreFile.TryOpen(_journal);
        return file?.ReadAll();
    }

    /// <summary>Puts a journal in the place of the one that is there, in one step.</summary>
    public void ReplaceJournal(ReadOnlySpan<byte> bytes)
    {
        using (StoreFile file = StoreFile.Make(_journal + NewSuffix))
            file.Descriptor.WriteAt(0, bytes);
        File.Move(_journal + NewSuffix, _journal, overwrite: true);
    }

    /// <summary>Makes the data file of a store that is to replace the one that is there.</summary>
    public StoreFile MakeData() => StoreFile.Make(_data + NewSuffix);

    /// <inheritdoc cref="MakeData"/>
    public StoreFile MakeLog() => StoreFile.Make(_log + NewSuffix);

    /// <inheritdoc cref="MakeData"/>
    public StoreFile MakeFilter() => StoreFile.Make(_filter + NewSuffix);

    /// <summary>Deletes what was made of a store that will not be.</summary>
    public void DeleteMade()
    {
        foreach (string path in (string[])[_data, _log, _filter, _journal])
            File.Delete(path + NewSuffix);
    }

    /// <summary>
    /// Puts a store that was made in the place of the one that is there, if its data file is the one that the journal names.
    /// </summary>
    public bool TryComplete(DataFileVersion version)
    {
        if (FileStatus.TryGet(_data + NewSuffix) is not { } made || DataFileVersion.Of(made) != version)
            return false;
        // The data last: until it is there, all of this is done again.
        foreach (string path in (string[])[_filter, _log])
        {
            if (FileStatus.TryGet(path + NewSuffix) is not null)
                File.Move(path + NewSuffix, path, overwrite: true);
        }
        File.Move(_data + NewSuffix, _data, overwrite: true);
        return true;
    }

    /// <summary>Keeps copies of a damaged store's files for people to look at, of the last few only, and where there is room.</summary>
    public void KeepDamaged() => new DamagedCopies(Directory, [_data, _log, _journal]).Keep();
}
