using Linux.Files;
using TestKit;

namespace Linux.Tests.Files;

public sealed class FileStatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_described()
    {
        File.WriteAllText(_folder["file"], "abc");
        File.SetUnixFileMode(_folder["file"], UnixFileMode.UserRead);
        DateTimeOffset time = new(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        File.SetLastWriteTimeUtc(_folder["file"], time.UtcDateTime);
        FileStatus status = FileStatus.TryGet(_folder["file"])!.Value;
        Assert.Equal((3L, time, true, false), (status.Size, status.ModifiedAt, status.IsRegular, status.IsDirectory));
        Assert.Equal(0x100u, status.Mode & 0xfff);
    }

    [Fact]
    public void Links_are_followed_to_the_same_file()
    {
        File.WriteAllText(_folder["file"], "");
        File.WriteAllText(_folder["other"], "");
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        FileStatus file = FileStatus.TryGet(_folder["file"])!.Value;
        Assert.True(file.IsSameFileAs(FileStatus.TryGet(_folder["link"])!.Value));
        Assert.False(file.IsSameFileAs(FileStatus.TryGet(_folder["other"])!.Value));
    }

    [Fact]
    public void Files_can_be_made_only_in_a_folder()
    {
        File.WriteAllText(_folder["file"], "");
        _ = Directory.CreateDirectory(_folder["folder"]);
        Assert.True(FileStatus.IsWritableDirectory(_folder["folder"]));
        Assert.False(FileStatus.IsWritableDirectory(_folder["file"]));
        Assert.False(FileStatus.IsWritableDirectory(_folder["absent"]));
    }

    [Fact]
    public void A_folder_is_no_regular_file()
    {
        FileStatus status = FileStatus.TryGet("/proc")!.Value;
        Assert.Equal((false, true), (status.IsRegular, status.IsDirectory));
    }

    [Fact]
    public void Absence_is_null()
    {
        Assert.Null(FileStatus.TryGet(_folder["absent"]));
        Assert.Null(FileStatus.TryGet("/dev/null/below"));
        File.CreateSymbolicLink(_folder["dangling"], _folder["absent"]);
        Assert.Null(FileStatus.TryGet(_folder["dangling"]));
    }
}
