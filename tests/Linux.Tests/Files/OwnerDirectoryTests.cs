using Linux.Files;
using TestKit;

namespace Linux.Tests.Files;

public sealed class OwnerDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(0b010_010)]
    [InlineData(0b111_111)]
    [InlineData(0b111_111_111)]
    public void Permissions_are_the_same_whatever_the_umask(int umask)
    {
        Umask.Run(umask, () => OwnerDirectory.Create(_folder["a/b/c"]));
        Assert.Equal(["755", "755", "700"], new[] { "a", "a/b", "a/b/c" }.Select(name => Umask.ModeOf(_folder[name])));
    }

    [Fact]
    public void What_is_there_stays_as_it_is()
    {
        _ = Directory.CreateDirectory(_folder["a"], (UnixFileMode)0b111_000_101);
        File.SetUnixFileMode(_folder["a"], (UnixFileMode)0b111_000_101);
        OwnerDirectory.Create(_folder["a/"]);
        OwnerDirectory.CreateParents(_folder["a"]);
        Assert.Equal("705", Umask.ModeOf(_folder["a"]));
    }

    [Fact]
    public void A_file_in_its_place_is_told()
    {
        File.WriteAllText(_folder["f"], "");
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => OwnerDirectory.Create(_folder["f"])).Errno);
        Assert.Equal(Errno.ENOTDIR, Assert.Throws<LinuxException>(() => OwnerDirectory.Create(_folder["f/a/b"])).Errno);
    }
}
