using Dhcp.Client;
using Linux;
using Linux.Sockets;

namespace Dhcp.Tests.Client;

public sealed class ReceptionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dhcp-");
    private readonly List<string> _log = [];
    private readonly List<UnixStream> _connected = [];
    private readonly UnixListener _listener;
    private readonly UnixStream _waiting;
    private readonly EventLoop _loop;
    private int _attempts;

    public ReceptionTests()
    {
        _loop = new EventLoop(_log.Add);
        _listener = UnixListener.Listen($"{_directory.FullName}/s");
        _waiting = UnixStream.TryConnect($"{_directory.FullName}/s", TimeSpan.FromSeconds(10))!;
    }

    public void Dispose()
    {
        _connected.ForEach(static stream => stream.Dispose());
        _waiting.Dispose();
        _listener.Dispose();
        _loop.Dispose();
        _directory.Delete(recursive: true);
    }

    private Reception Start(int refusals) => new(
        _loop,
        _listener.File,
        () => ++_attempts <= refusals ? throw new LinuxException(Errno.EMFILE, "accept") : _listener.Accept(),
        stream =>
        {
            _connected.Add(stream);
            _loop.Stop();
        },
        _log.Add);

    [Fact]
    public void At_the_limit_of_descriptors_it_pauses_and_tells_it_once()
    {
        using Reception reception = Start(refusals: int.MaxValue);
        _ = _loop.Timers.After(TimeSpan.FromSeconds(2.5), _loop.Stop);
        _loop.Run();
        Assert.Equal(3, _attempts);
        Assert.Contains("accept: EMFILE", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_descriptor_that_is_free_ends_the_pause()
    {
        using Reception reception = Start(refusals: 1);
        _ = _loop.Timers.After(TimeSpan.FromMilliseconds(1), reception.Resume);
        _ = _loop.Timers.After(TimeSpan.FromMilliseconds(900), _loop.Stop);
        _loop.Run();
        _ = Assert.Single(_connected);
    }

    [Fact]
    public void Time_ends_the_pause_when_others_give_descriptors_back()
    {
        using Reception reception = Start(refusals: 1);
        _loop.Run();
        _ = Assert.Single(_connected);
        _ = Assert.Single(_log);
    }
}
