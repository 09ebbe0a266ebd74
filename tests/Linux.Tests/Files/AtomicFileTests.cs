using Linux.Files;

namespace Linux.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("atomic-");

    private string File => $"{_directory}/file.json";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void File_takes_the_place_of_another_and_leaves_nothing_beside_it()
    {
        AtomicFile.Write(File, "one"u8);
        AtomicFile.Write(File, "two"u8, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal("two", System.IO.File.ReadAllText(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherRead, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.EnumerateFileSystemEntries($"{_directory}"));
    }

    [Fact]
    public void Link_that_somebody_has_put_in_the_new_files_place_is_not_followed()
    {
        _ = System.IO.File.CreateSymbolicLink(AtomicFile.NewPathOf(File), "/dev/null");
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => AtomicFile.Write(File, "one"u8)).Errno);
    }

    [Fact]
    public void Rest_of_a_killed_write_does_no_harm()
    {
        System.IO.File.WriteAllText(AtomicFile.NewPathOf(File), "a longer rest");
        AtomicFile.Write(File, "one"u8);
        Assert.Equal("one", System.IO.File.ReadAllText(File));
    }
}
