using Linux;

namespace Ipam;

/// <summary>Where a network's store lies: <c>lock</c>, and of this boot the database's data and log, the journal and the filter.</summary>
internal sealed class StoreFiles(string directory, string bootId)
{
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnlyFile | UnixFileMode.UserExecute;
    private const string Prefix = "leases-";

    private readonly string _data = Path.Combine(directory, $"{Prefix}{bootId}.db");
    private readonly string _log = Path.Combine(directory, $"{Prefix}{bootId}-log.db");
    private readonly string _journal = Path.Combine(directory, $"{Prefix}{bootId}.journal");
    private readonly string _filter = Path.Combine(directory, $"{Prefix}{bootId}.filter");

    public string Directory { get; } = directory;

    /// <summary>Whether a store of this boot has been made.</summary>
    public bool Exist => FileStatus.TryGet(_data) is not null;

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
        if (FileStatus.TryGet(Directory) is null)
            _ = System.IO.Directory.CreateDirectory(Directory, OwnerOnlyDirectory);
        return FileLock.Acquire(Path.Combine(Directory, "lock"), timeout);
    }

    public FileDescriptor OpenData() => Open(_data);

    public FileDescriptor OpenLog() => Open(_log);

    /// <summary>The data file's version; null if there is none.</summary>
    public DataFileVersion? DataVersion => FileStatus.TryGet(_data) is { } status ? DataFileVersion.Of(status) : null;

    /// <summary>Reads the journal; null if there is none.</summary>
    /// <exception cref="StoreDamagedException">It is damaged.</exception>
    public LeaseJournal? OpenJournal() =>
        FileDescriptor.TryOpen(_journal, OpenFlags.ReadWrite | OpenFlags.NoFollow) is { } file ? LeaseJournal.Read(file) : null;

    /// <summary>Puts a journal in the place of the one that is there, in one step.</summary>
    public void ReplaceJournal(ReadOnlySpan<byte> bytes)
    {
        string made = _journal + ".new";
        using (FileDescriptor file = Open(made))
        {
            // What a killed process left may be longer.
            file.Truncate(0);
            file.WriteAt(0, bytes);
        }
        File.Move(made, _journal, overwrite: true);
    }

    public FileDescriptor OpenFilter() => Open(_filter);

    /// <summary>Renames the files, so that the next opening starts a new store.</summary>
    public void SetAside()
    {
        int n = 1;
        while (FileStatus.TryGet(Aside(_data, n)) is not null || FileStatus.TryGet(Aside(_log, n)) is not null || FileStatus.TryGet(Aside(_journal, n)) is not null)
            n++;
        // The data first: without it, a log that is left behind is worth nothing and is emptied.
        File.Move(_data, Aside(_data, n));
        File.Move(_log, Aside(_log, n));
        if (FileStatus.TryGet(_journal) is not null)
            File.Move(_journal, Aside(_journal, n));
    }

    /// <summary>Deletes the stores of other boots, whose network namespaces are gone.</summary>
    public void DeleteOtherBoots()
    {
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory, Prefix + "*"))
        {
            if (!Path.GetFileName(path).StartsWith(Prefix + bootId, StringComparison.Ordinal))
                File.Delete(path);
        }
    }

    private static string Aside(string path, int n) => $"{path}.damaged-{n}";

    private static FileDescriptor Open(string path) =>
        FileDescriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, OwnerOnlyFile);
}
