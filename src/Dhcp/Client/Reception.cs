using Dhcp.Daemon;
using Linux;
using Linux.Files;
using Linux.Sockets;

namespace Dhcp.Client;

/// <summary>
/// Takes connections. Where the kernel gives none, as at the limit of descriptors, it pauses until one is free or some time has passed:
/// those who wait stay in the listener's queue, which would otherwise be readable, and looked at in vain, all the time.
/// </summary>
internal sealed class Reception : IDisposable
{
    // For descriptors that others give back (ENFILE).
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly FileDescriptor _listener;
    private readonly Func<UnixStream?> _accept;
    private readonly Action<UnixStream> _connected;
    private readonly Action<string> _log;
    private IDisposable? _watch;
    private TimerQueue.Timer? _resumption;
    private bool _isTold;

    /// <param name="loop">Calls when somebody connects.</param>
    /// <param name="listener">Readable when somebody waits.</param>
    /// <param name="accept">The next connection; null if nobody waits.</param>
    /// <param name="connected">Takes a connection.</param>
    /// <param name="log">Where a pause is told, once until connections are taken again.</param>
    public Reception(EventLoop loop, FileDescriptor listener, Func<UnixStream?> accept, Action<UnixStream> connected, Action<string> log)
    {
        (_loop, _listener, _accept, _connected, _log) = (loop, listener, accept, connected, log);
        Resume();
    }

    /// <summary>Takes connections again, if it has paused.</summary>
    public void Resume()
    {
        _resumption?.Cancel();
        _resumption = null;
        _watch ??= _loop.OnReadable(_listener, Accept);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _resumption?.Cancel();
        _watch?.Dispose();
        _watch = null;
    }

    private void Accept()
    {
        try
        {
            while (_accept() is { } stream)
                _connected(stream);
            _isTold = false;
        }
        catch (LinuxException e)
        {
            if (!_isTold)
                _log($"{e.Message}; plugins that connect wait until that has passed");
            _isTold = true;
            _watch?.Dispose();
            _watch = null;
            _resumption = _loop.Timers.After(s_pause, Resume);
        }
    }
}
