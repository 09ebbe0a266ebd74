using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// What other boots have left in a network's directory. Those of this machine are over, and so are their network namespaces. Those of
/// another machine may be in use this very moment, where a directory is shared.
/// </summary>
/// <remarks>
/// Beside a store lies <c>leases-BOOT.machine</c>, which says whose it is. A store without that file is an older version's, and is
/// taken for this machine's.
/// </remarks>
internal sealed class OtherStores(string directory, string bootId)
{
    private const string Prefix = "leases-";
    private const string MachineSuffix = ".machine";

    // linux/magic.h: file systems that one kernel alone writes to. btrfs, ext2 to ext4, f2fs, overlayfs, ramfs, tmpfs, xfs, and zfs and
    // bcachefs of their own headers.
    private static ReadOnlySpan<long> LocalFileSystems =>
        [0x9123683E, 0xEF53, 0xF2F52010, 0x794C7630, 0x858458F6, 0x01021994, 0x58465342, 0x2FC12FC1, 0xCA451A4E];

    private string Own => Path.Combine(directory, Prefix + bootId + MachineSuffix);

    /// <summary>Says whose the store is that is about to be made.</summary>
    public void Sign(string machine)
    {
        using StoreFile file = StoreFile.Make(Own);
        file.Descriptor.WriteAt(0, System.Text.Encoding.UTF8.GetBytes(machine + "\n"));
    }

    /// <summary>A store of another machine that may be in use; null if there is none.</summary>
    /// <param name="machine">This machine.</param>
    /// <param name="bootTime">When it began to run.</param>
    public OtherStore? FindForeign(string machine, Func<DateTimeOffset> bootTime)
    {
        if (!Directory.Exists(directory))
            return null;
        foreach (string file in Directory.EnumerateFiles(directory, $"{Prefix}*{MachineSuffix}"))
        {
            string other = MachineIdentity.ReadLine(file);
            if (file != Own && other.Length > 0 && other != machine && (!IsLocal() || LastWritten(file) >= bootTime()))
                return new OtherStore(file[..^MachineSuffix.Length], other);
        }
        return null;
    }

    /// <summary>Deletes the stores of other boots.</summary>
    public void Delete()
    {
        foreach (string path in Directory.EnumerateFiles(directory, Prefix + "*"))
        {
            if (!Path.GetFileName(path).StartsWith(Prefix + bootId, StringComparison.Ordinal))
                File.Delete(path);
        }
    }

    /// <summary>
    /// Whether nobody else can write to the directory. Then a store that was not written since this boot came with the disk, from a
    /// machine that had it before or that an image was made of.
    /// </summary>
    private bool IsLocal()
    {
        using FileDescriptor opened = FileDescriptor.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        return LocalFileSystems.Contains(opened.FileSystemMagic());
    }

    private static DateTimeOffset LastWritten(string machineFile)
    {
        string store = machineFile[..^MachineSuffix.Length];
        return Directory.EnumerateFiles(Path.GetDirectoryName(store)!, Path.GetFileName(store) + "*")
            .Max(path => FileStatus.TryGet(path)?.ModifiedAt) ?? DateTimeOffset.MinValue;
    }
}

/// <summary>A store of another machine.</summary>
/// <param name="Store">What the paths of its files begin with.</param>
/// <param name="Machine">Whose it is.</param>
internal sealed record OtherStore(string Store, string Machine);
