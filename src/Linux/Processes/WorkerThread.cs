namespace Linux.Processes;

/// <summary>Threads of our own. That the kernel makes none is an error with an errno, as of any other call.</summary>
public static class WorkerThread
{
    /// <summary>Ample for system calls; the default of 8 MiB costs a larger mapping for nothing.</summary>
    public const int SmallStack = 256 * 1024;

    /// <summary>Starts a thread that does not keep the process alive.</summary>
    /// <exception cref="LinuxException">EAGAIN: the limit of processes or of memory is reached (clone(2)).</exception>
    public static Thread Start(Action work, int stackSize = SmallStack)
    {
        Thread thread = new(() => work(), stackSize) { IsBackground = true };
        try
        {
            thread.Start();
            return thread;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            throw new LinuxException(
                Errno.EAGAIN, "start a thread, which the limit of processes (RLIMIT_NPROC, pids.max) or of memory does not allow now", e);
        }
    }
}
