using Linux.Files;
using TestKit;

namespace Linux.Tests.Files;

public sealed class FileDescriptorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        byte[] content = new byte[100_000];
        new Random(1).NextBytes(content);
        using (FileDescriptor file = FileDescriptor.Open(
            _folder["file"], OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, UnixFileMode.UserRead))
        {
            file.Write(content);
        }
        using FileDescriptor again = FileDescriptor.Open(_folder["file"], OpenFlags.ReadOnly);
        Assert.Equal(content, again.ReadToEnd());
        Assert.Equal(0, again.Read(new byte[10]));
        Assert.Equal(content.Length, again.Status().Size);
    }

    [Fact]
    public void Flags_do_what_they_say()
    {
        File.WriteAllText(_folder["file"], "abc");
        LinuxException exception = Assert.Throws<LinuxException>(
            () => FileDescriptor.Open(_folder["file"], OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive));
        Assert.Equal(Errno.EEXIST, exception.Errno);
        using (FileDescriptor append = FileDescriptor.Open(_folder["file"], OpenFlags.WriteOnly | OpenFlags.Append))
            append.Write("d"u8);
        Assert.Equal("abcd", File.ReadAllText(_folder["file"]));
        FileDescriptor.Open(_folder["file"], OpenFlags.WriteOnly | OpenFlags.Truncate).Dispose();
        Assert.Equal("", File.ReadAllText(_folder["file"]));
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        exception = Assert.Throws<LinuxException>(() => FileDescriptor.Open(_folder["link"], OpenFlags.ReadOnly | OpenFlags.NoFollow));
        Assert.Equal(Errno.ELOOP, exception.Errno);
        Assert.Null(FileDescriptor.TryOpen(_folder["file"], OpenFlags.ReadOnly | OpenFlags.Directory));
    }

    [Fact]
    public void Absence_is_null_or_an_exception_as_asked()
    {
        Assert.Null(FileDescriptor.TryOpen(_folder["absent"], OpenFlags.ReadOnly));
        Assert.Null(FileDescriptor.TryOpen(_folder["absent/below"], OpenFlags.ReadOnly));
        LinuxException exception = Assert.Throws<LinuxException>(() => FileDescriptor.Open(_folder["absent"], OpenFlags.ReadOnly));
        Assert.Equal((Errno.ENOENT, $"open {_folder["absent"]}"), (exception.Errno, exception.Operation));
        Assert.Equal($"open {_folder["absent"]}: ENOENT, no such file or directory", exception.Message);
    }

    [Fact]
    public void A_path_with_NUL_names_nothing()
    {
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => FileDescriptor.Open("/dev/null\0x", OpenFlags.ReadOnly)).Errno);
    }

    [Fact]
    public void Descriptors_are_closed_on_exec()
    {
        using FileDescriptor file = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        string info = File.ReadAllText($"/proc/self/fdinfo/{file.Number}");
        string flags = info.Split('\n').Single(static line => line.StartsWith("flags:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.NotEqual(0, Convert.ToInt32(flags, 8) & Convert.ToInt32("2000000", 8));
    }

    [Fact]
    public void A_closed_descriptor_has_no_number()
    {
        FileDescriptor file = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Number);
        Assert.Throws<ObjectDisposedException>(() => file.Read(new byte[1]));
    }
}
