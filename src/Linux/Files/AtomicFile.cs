namespace Linux.Files;

/// <summary>Writes files that others see whole or not at all.</summary>
public static class AtomicFile
{
    private const OpenFlags Flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow;

    /// <summary>
    /// Puts a file in the place of the one that is there, if there is one, by a rename. One writer at a time: two would write into the same
    /// new file.
    /// </summary>
    /// <param name="path">Its path; its directory must be there.</param>
    /// <param name="bytes">What it is to hold.</param>
    /// <param name="mode">Its permissions, whatever umask the process was started with.</param>
    /// <exception cref="LinuxException">The new file cannot be written.</exception>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string newPath = NewPathOf(path);
        using (FileDescriptor file = FileDescriptor.Open(newPath, Flags, mode))
        {
            file.SetMode(mode);
            file.Write(bytes);
        }
        File.Move(newPath, path, overwrite: true);
    }

    /// <summary>The new file, which a killed process may leave: <c>/run/a.new</c> for <c>/run/a.json</c>.</summary>
    public static string NewPathOf(string path) => Path.ChangeExtension(path, ".new");
}
