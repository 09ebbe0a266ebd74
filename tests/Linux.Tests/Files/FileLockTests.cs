using System.Diagnostics;
using Linux.Files;
using TestKit;

namespace Linux.Tests.Files;

public sealed class FileLockTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_is_created_for_its_owner_alone()
    {
        using FileLock held = FileLock.Acquire(_folder["lock"], s_long);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["lock"]));
    }

    [Fact]
    public void A_link_in_its_place_is_not_followed()
    {
        _ = File.CreateSymbolicLink(_folder["lock"], "elsewhere");
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => FileLock.Acquire(_folder["lock"], s_long)).Errno);
        Assert.False(File.Exists(_folder["elsewhere"]));
    }

    [Fact]
    public void A_lock_that_is_held_times_out_and_says_so()
    {
        using FileLock held = FileLock.Acquire(_folder["lock"], s_long);
        long start = Stopwatch.GetTimestamp();
        TimeoutException exception = Assert.Throws<TimeoutException>(
            () => FileLock.Acquire(_folder["lock"], TimeSpan.FromMilliseconds(200)));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 150, 10_000);
        Assert.Contains(_folder["lock"], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_is_released_is_passed_on()
    {
        FileLock.Acquire(_folder["lock"], s_long).Dispose();
        FileLock.Acquire(_folder["lock"], TimeSpan.Zero).Dispose();
    }

    [Fact]
    public void Those_who_wait_get_it_one_after_the_other()
    {
        int inside = 0, entered = 0, most = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                using FileLock held = FileLock.Acquire(_folder["lock"], s_long);
                int now = Interlocked.Increment(ref inside);
                most = Math.Max(most, now);
                entered++;
                Interlocked.Decrement(ref inside);
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal((1, 160), (most, entered));
    }

    [Fact]
    public void A_place_that_does_not_exist_is_ENOENT()
    {
        LinuxException exception = Assert.Throws<LinuxException>(() => FileLock.Acquire(_folder["absent/lock"], s_long));
        Assert.Equal(Errno.ENOENT, exception.Errno);
    }
}
