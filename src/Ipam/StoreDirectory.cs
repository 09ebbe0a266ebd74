using Linux;

namespace Ipam;

/// <summary>Makes directories with modes of their own, whatever the umask of the runtime is.</summary>
internal static class StoreDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode ReadableByAll = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes a directory for its owner alone, and above it what is missing, for all to read.</summary>
    public static void Make(string path)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } parent)
            MakeParent(parent);
        MakeOne(full, OwnerOnly);
    }

    private static void MakeParent(string path)
    {
        if (FileStatus.TryGet(path) is not null)
            return;
        if (Path.GetDirectoryName(path) is { } parent)
            MakeParent(parent);
        MakeOne(path, ReadableByAll);
    }

    private static void MakeOne(string path, UnixFileMode mode)
    {
        if (FileStatus.TryGet(path) is not null)
            return;
        _ = Directory.CreateDirectory(path, mode);
        // The umask has taken bits away, never added any.
        File.SetUnixFileMode(path, mode);
    }
}
