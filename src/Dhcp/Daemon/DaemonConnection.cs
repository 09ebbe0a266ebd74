using System.Buffers;
using Cni;
using Dhcp.Client;
using Linux;
using Linux.Sockets;
using Netlink;

namespace Dhcp.Daemon;

/// <summary>A plugin that has connected: one line of JSON comes, one document goes, then it is over.</summary>
internal sealed class DaemonConnection
{
    private const int MaxRequest = 256 * 1024;
    private const int ReadSize = 4096;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly UnixStream _stream;
    private readonly IDisposable _watch;
    private readonly TimerQueue.Timer _deadline;
    private readonly ArrayBufferWriter<byte> _input = new();
    private readonly Action<DaemonConnection, ReadOnlyMemory<byte>> _requested;
    private readonly Action<DaemonConnection> _left;
    private readonly Action _closed;
    private bool _isRequested;

    /// <param name="loop">Calls when something comes.</param>
    /// <param name="stream">The connection.</param>
    /// <param name="requested">Called with the request.</param>
    /// <param name="left">Called when the plugin has gone while it was waiting.</param>
    /// <param name="closed">Called when its descriptor is free.</param>
    public DaemonConnection(
        EventLoop loop,
        UnixStream stream,
        Action<DaemonConnection, ReadOnlyMemory<byte>> requested,
        Action<DaemonConnection> left,
        Action closed)
    {
        (_stream, _requested, _left, _closed) = (stream, requested, left, closed);
        _watch = loop.OnReadable(stream.File, Receive);
        _deadline = loop.Timers.After(s_patience, Close);
    }

    /// <summary>Sends the answer.</summary>
    public void Answer(ReadOnlySpan<byte> json)
    {
        try
        {
            _stream.Send(json);
        }
        catch (LinuxException)
        {
            // The plugin has gone; its runtime will call DEL.
        }
        Close();
    }

    /// <summary>Sends an error.</summary>
    public void Fail(Exception failure) => Answer(ErrorAnswer.Write(ToAnswer(failure), CniVersions.Newest));

    private static CniException ToAnswer(Exception failure) => failure switch
    {
        CniException known => known,
        LinkGoneException => new CniException(CniErrorCode.InvalidNetNS, failure.Message, inner: failure),
        LinuxException or NetlinkException => new CniException(CniErrorCode.KernelFailure, failure.Message, inner: failure),
        _ => new CniException(CniErrorCode.Internal, $"internal error, please report it: {failure.Message}", failure.ToString(), failure),
    };

    private void Receive()
    {
        int count;
        try
        {
            if (!_stream.File.TryRead(_input.GetSpan(ReadSize), out count))
                return;
        }
        catch (LinuxException)
        {
            // Reset: as good as closed.
            count = 0;
        }
        if (count == 0 || _input.WrittenCount > MaxRequest)
        {
            Close();
            _left(this);
            return;
        }
        _input.Advance(count);
        int end = _input.WrittenSpan.IndexOf((byte)'\n');
        if (end < 0 || _isRequested)
            return;
        _isRequested = true;
        _deadline.Cancel();
        _requested(this, _input.WrittenMemory[..end]);
    }

    private void Close()
    {
        _deadline.Cancel();
        _watch.Dispose();
        _stream.Dispose();
        _closed();
    }
}
