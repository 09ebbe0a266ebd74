namespace Ipam.Tests;

public sealed class RunningAddTests : IDisposable
{
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("running-").FullName, "net");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    private RunningAdd Begin(TimeSpan? patience = null) => RunningAdd.Begin(_directory, "a", patience ?? TimeSpan.Zero);

    private (bool IsRunning, ulong Killed)? Find() => RunningAdd.Find(_directory, "a");

    [Fact]
    public void An_ADD_is_seen_while_it_runs_and_leaves_nothing()
    {
        Assert.Null(Find());
        using (RunningAdd add = Begin())
        {
            Assert.False(add.WasLeft);
            Assert.NotEqual(0UL, add.Id);
            Assert.True(Find() is { IsRunning: true });
            Assert.Equal(["a"], RunningAdd.List(_directory));
            add.End();
        }
        Assert.Null(Find());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public async Task First_ADDs_of_a_network_begin_at_once()
    {
        using Barrier start = new(2);
        for (int round = 0; round < 500; round++)
        {
            string directory = $"{_directory}/{round}";
            Task[] adds =
            [
                .. new[] { "a", "b" }.Select(name => Task.Run(
                    () =>
                    {
                        start.SignalAndWait(TestContext.Current.CancellationToken);
                        using RunningAdd add = RunningAdd.Begin(directory, name, TimeSpan.Zero);
                        add.End();
                    },
                    TestContext.Current.CancellationToken)),
            ];
            await Task.WhenAll(adds);
        }
    }

    [Fact]
    public async Task Looking_for_an_ADD_that_ends_does_not_make_its_mark_anew()
    {
        using Barrier start = new(2);
        for (int round = 0; round < 500; round++)
        {
            RunningAdd add = Begin();
            Task looks = Task.Run(
                () =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    _ = Find();
                },
                TestContext.Current.CancellationToken);
            start.SignalAndWait(TestContext.Current.CancellationToken);
            add.End();
            await looks;
            Assert.Empty(RunningAdd.List(_directory));
        }
    }

    [Fact]
    public void One_that_was_killed_is_known_until_it_is_taken_over_and_ended()
    {
        ulong id;
        using (RunningAdd killed = Begin())
            id = killed.Id;
        Assert.Equal((false, id), Find());
        using (RunningAdd second = Begin())
        {
            // A lease of the first must remain recognizable until the second has given its own.
            Assert.Equal((true, id), (second.WasLeft, second.Id));
        }
        Assert.Equal((false, id), Find());
        using (RunningAdd third = Begin())
            third.End();
        using RunningAdd fresh = Begin();
        Assert.False(fresh.WasLeft);
        Assert.NotEqual(id, fresh.Id);
    }

    [Fact]
    public void Second_of_one_attachment_waits_no_longer_than_it_must()
    {
        using RunningAdd first = Begin();
        IpamException error = Assert.Throws<IpamException>(() => Begin());
        Assert.Equal(IpamErrorKind.AttachmentBusy, error.Kind);
        Assert.Contains("running", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            IpamErrorKind.AttachmentBusy, Assert.Throws<IpamException>(() => RunningAdd.TakeOver(_directory, "a", TimeSpan.Zero)).Kind);
        using RunningAdd other = RunningAdd.Begin(_directory, "b", TimeSpan.Zero);
        RunningAdd.Forget(_directory, "a");
        Assert.True(Find() is { IsRunning: true });

        RunningAdd? second = null;
        Thread waiter = new(() => second = Begin(TimeSpan.FromMinutes(1)));
        waiter.Start();
        first.End();
        waiter.Join();
        // The file that it waited at is gone; it has made one of its own.
        Assert.False(second!.WasLeft);
        Assert.True(Find() is { IsRunning: true });
        second.End();
    }

    [Fact]
    public void DEL_finds_what_was_left_and_nothing_else()
    {
        Assert.Null(RunningAdd.TakeOver(_directory, "a", TimeSpan.Zero));
        Begin().Dispose();
        using (RunningAdd? left = RunningAdd.TakeOver(_directory, "a", TimeSpan.Zero))
            Assert.True(left!.WasLeft);
        RunningAdd.Forget(_directory, "a");
        RunningAdd.Forget(_directory, "a");
        Assert.Null(Find());
    }

    [Fact]
    public void One_that_was_killed_before_it_could_say_anything_is_nobodys()
    {
        _ = Directory.CreateDirectory(_directory);
        File.WriteAllText(Path.Combine(_directory, "adding-a"), "");
        Assert.Equal((false, 0UL), Find());
        using RunningAdd add = Begin();
        Assert.False(add.WasLeft);
        Assert.NotEqual(0UL, add.Id);
    }

    [Fact]
    public void Place_where_nothing_can_be_written_is_named()
    {
        File.WriteAllText(_directory, "");
        IpamException error = Assert.Throws<IpamException>(() => Begin());
        Assert.Equal(IpamErrorKind.StoreBroken, error.Kind);
        Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
    }
}
