using Cni;
using Datapath.Attachments;

namespace Plugins.Chained;

/// <summary>
/// A plugin that works on the interface that a plugin before it made. Here stands what all of them share: ADD and CHECK need a prevResult,
/// ADD hands it on with everything in it that this code has no name for, and a failed ADD takes back what it did. DEL and GC work without
/// a prevResult, since runtimes have none after a failed ADD.
/// </summary>
public abstract class ChainedPlugin : ICniPlugin
{
    /// <inheritdoc/>
    public abstract string Type { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> SupportedVersions => CniVersions.All;

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        CniResult result = call.RequiredPrevResult;
        if (!result.CanBeWrittenAs(call.CniVersion, out string? problem))
            throw CniException.InvalidConfig($"network configuration: prevResult: {problem}");
        try
        {
            return UndoStack.Run(call, undo =>
            {
                Attach(call, result, undo);
                return result;
            });
        }
        catch
        {
            FailedAttachment.Mark(call);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call) => Compare(call, call.RequiredPrevResult);

    /// <summary>Detaches. <see cref="CniInvocation.ReadablePrevResult"/> may tell what to look for first, and may be null.</summary>
    public abstract void Del(CniInvocation call);

    /// <inheritdoc/>
    public abstract void Gc(CniInvocation call);

    /// <summary>There is nothing that an ADD could lack.</summary>
    public virtual void Status(CniInvocation call)
    {
    }

    /// <summary>
    /// The ADD: reads and validates the plugin's keys, then acts. With nothing to do it does nothing.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="result">The prevResult, and the answer: what the plugin made or changed is entered here.</param>
    /// <param name="undo">Takes the undoing of every step.</param>
    private protected abstract void Attach(CniInvocation call, CniResult result, UndoStack undo);

    /// <summary>The CHECK: compares what stands with what <see cref="Attach"/> made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="result">The result of the whole chain: plugins behind this one may have changed more than it shows.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    private protected abstract void Compare(CniInvocation call, CniResult result);
}
