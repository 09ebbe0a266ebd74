using System.Runtime.InteropServices;
using Linux;
using Linux.Files;
using Linux.Processes;

namespace Dhcp.Client;

/// <summary>
/// The daemon's only thread: waits for descriptors and timers, and calls who is concerned. An action that fails is told and stops nothing.
/// </summary>
/// <param name="log">Where failures are told.</param>
internal sealed class EventLoop(Action<string> log) : IDisposable
{
    private readonly EventDescriptor _stop = EventDescriptor.Create();
    private readonly List<Watch> _watches = [];
    private readonly List<PosixSignalRegistration> _signals = [];

    public TimerQueue Timers { get; } = new(static () => TimeSpan.FromMilliseconds(Environment.TickCount64));

    /// <summary>Calls an action whenever a descriptor can be read, until what this returns is disposed.</summary>
    public IDisposable OnReadable(FileDescriptor file, Action action)
    {
        Watch watch = new(this, file, action);
        _watches.Add(watch);
        return watch;
    }

    /// <summary>Ends <see cref="Run"/> when the process is told to end.</summary>
    public void StopOnSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Stop();
            }));
        }
    }

    /// <summary>Ends <see cref="Run"/>; from any thread.</summary>
    public void Stop() => _stop.Raise();

    /// <summary>Serves until it is stopped.</summary>
    public void Run()
    {
        while (true)
        {
            Watch[] watches = [.. _watches];
            FileDescriptor[] files = [_stop.File, .. watches.Select(static watch => watch.File)];
            bool[] ready = new bool[files.Length];
            _ = Readiness.Wait(files, ready, Timers.NextDelay);
            if (ready[0])
                return;
            for (int i = 0; i < watches.Length; i++)
            {
                // An earlier one may have ended a later one's.
                if (ready[i + 1] && _watches.Contains(watches[i]))
                    Guard(watches[i].Action);
            }
            Guard(Timers.RunDue);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _stop.Dispose();
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            log(e is LinuxException or Netlink.NetlinkException or LinkGoneException ? e.Message : e.ToString());
        }
    }

    private sealed class Watch(EventLoop loop, FileDescriptor file, Action action) : IDisposable
    {
        public FileDescriptor File => file;

        public Action Action => action;

        public void Dispose() => _ = loop._watches.Remove(this);
    }
}
