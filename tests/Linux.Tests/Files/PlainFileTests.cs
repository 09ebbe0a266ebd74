using System.Text;
using Linux.Files;
using TestKit;
using Tmds.Linux;

namespace Linux.Tests.Files;

public sealed class PlainFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder["f"];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(10_000)]
    public void A_file_is_read_up_to_its_bound(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(Path, content);
        Assert.Equal(content, PlainFile.TryRead(Path, length));
        if (length > 0)
            Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => PlainFile.TryRead(Path, length - 1)).Errno);
    }

    [Fact]
    public void An_absent_file_is_null()
    {
        Assert.Null(PlainFile.TryRead(Path, 10));
        File.WriteAllText(Path, "");
        Assert.Null(PlainFile.TryRead($"{Path}/below", 10));
    }

    [Fact]
    public void A_fifo_is_not_waited_for()
    {
        MakeFifo(Path);
        LinuxException error = Assert.Throws<LinuxException>(() => PlainFile.TryRead(Path, 10));
        Assert.Contains($"read {Path}, which is no regular file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/tty")]
    [InlineData("/tmp")]
    public void What_is_no_file_or_never_ends_is_refused(string path) =>
        Assert.Throws<LinuxException>(() => PlainFile.TryRead(path, 1024));

    [Fact]
    public void A_file_without_a_size_is_read()
    {
        Assert.Contains("processor", Encoding.UTF8.GetString(PlainFile.TryRead("/proc/cpuinfo", 1 << 20)!), StringComparison.Ordinal);
        Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => PlainFile.TryRead("/proc/cpuinfo", 10)).Errno);
    }

    [Fact]
    public void A_link_is_followed_where_it_may()
    {
        File.WriteAllText(_folder["target"], "x");
        _ = File.CreateSymbolicLink(Path, "target");
        Assert.Equal("x"u8.ToArray(), PlainFile.TryRead(Path, 10));
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => PlainFile.TryRead(Path, 10, OpenFlags.NoFollow)).Errno);
    }

    private static unsafe void MakeFifo(string path)
    {
        fixed (byte* pointer = Encoding.UTF8.GetBytes(path + '\0'))
            Assert.Equal(0, LibC.mkfifo(pointer, 0b110_000_000));
    }
}
