using System.Runtime.ExceptionServices;
using Linux;
using Linux.Processes;

namespace Plugins.Interfaces;

/// <summary>
/// A piece of work on a thread of its own, so that the store and the kernel are busy at the same time. The thread pool would cost more
/// to start than the work takes.
/// </summary>
internal sealed class BackgroundWork<T>
{
    // Ample for LiteDB; the default of 8 MiB costs a larger mapping for nothing.
    private const int StackSize = 1024 * 1024;

    private readonly Thread _thread;
    private T? _result;
    private ExceptionDispatchInfo? _failure;

    private BackgroundWork(Func<T> work) => _thread = WorkerThread.Start(() => Run(work), StackSize);

    /// <summary>Starts the work.</summary>
    /// <exception cref="LinuxException">
    /// EAGAIN: no thread can be made now. It must not be done on the caller's, which it may leave in the pod's namespace.
    /// </exception>
    public static BackgroundWork<T> Start(Func<T> work) => new(work);

    /// <summary>Waits for the end, and for its result or exception. May be called again.</summary>
    public T Join()
    {
        _thread.Join();
        _failure?.Throw();
        return _result!;
    }

    /// <summary>Waits for the end, whatever it is.</summary>
    /// <returns>Whether it succeeded.</returns>
    public bool Wait()
    {
        _thread.Join();
        return _failure is null;
    }

    private void Run(Func<T> work)
    {
        try
        {
            _result = work();
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }
}
