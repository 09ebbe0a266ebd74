namespace Linux;

/// <summary>Directories in which a program keeps what is nobody else's business, whatever umask it was started with.</summary>
public static class OwnerDirectory
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Parent =
        Owner | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes a directory that only its owner enters (mode 0700). Parents that are absent get the mode 0755.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Ensure(string path)
    {
        if (FileStatus.TryGet(path) is { IsDirectory: true })
            return;
        if (Path.GetDirectoryName(path) is { } parent)
            EnsureParent(parent);
        _ = Directory.CreateDirectory(path, Owner);
    }

    private static void EnsureParent(string path)
    {
        if (FileStatus.TryGet(path) is not null)
            return;
        if (Path.GetDirectoryName(path) is { } parent)
            EnsureParent(parent);
        _ = Directory.CreateDirectory(path, Parent);
    }
}
