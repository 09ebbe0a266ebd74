namespace Ipam.Store;

/// <summary>
/// Runs tasks at once on the thread that starts them. LiteDB starts a task to write its log, by default on a new thread that lives for
/// two pages: 0.2 ms, and as many switches as it takes to wait for it.
/// </summary>
internal sealed class CallerThreadScheduler : TaskScheduler
{
    /// <summary>Does work whose tasks, and the continuations of those, all run on the calling thread.</summary>
    public static T Run<T>(Func<T> work)
    {
        Task<T> task = new(work);
        task.RunSynchronously(new CallerThreadScheduler());
        // Not Result, which would wrap what the work throws.
        return task.GetAwaiter().GetResult();
    }

    protected override void QueueTask(Task task) => TryExecuteTask(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
