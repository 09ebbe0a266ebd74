using System.Runtime.ExceptionServices;

namespace Datapath.Attachments;

/// <summary>Steps of a DEL or GC: all are tried, whatever happens to the others, and all failures are told.</summary>
public sealed class BestEffortSteps
{
    private readonly List<Exception> _failures = [];

    /// <summary>Tries a step.</summary>
    public void Try(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            _failures.Add(e);
        }
    }

    /// <summary>Ends the clean-up.</summary>
    /// <exception cref="AggregateException">Several steps failed; a single failure is thrown as it was.</exception>
    public void ThrowIfFailed()
    {
        if (_failures.Count == 1)
            ExceptionDispatchInfo.Throw(_failures[0]);
        if (_failures.Count > 1)
            throw new AggregateException(_failures);
    }
}
