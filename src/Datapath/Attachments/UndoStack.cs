using Cni;

namespace Datapath.Attachments;

/// <summary>What takes back the steps of an ADD that fails half way, newest step first.</summary>
public sealed class UndoStack
{
    private readonly CniInvocation _call;
    private readonly Stack<(string Step, Action Undo)> _steps = new();

    private UndoStack(CniInvocation call) => _call = call;

    /// <summary>
    /// Runs the steps of an ADD. If one throws, those before it are undone and its error goes on; errors of undoing go to stderr.
    /// </summary>
    public static T Run<T>(CniInvocation call, Func<UndoStack, T> steps)
    {
        UndoStack undo = new(call);
        try
        {
            return steps(undo);
        }
        catch
        {
            undo.Unwind();
            throw;
        }
    }

    /// <summary>Remembers how to take back a step; called before the step where it may fail half done, else right after it.</summary>
    /// <param name="step">What the undoing does, for the message if it fails: <c>delete link veth0123</c>.</param>
    /// <param name="undo">Must succeed when there is nothing to take back.</param>
    public void Push(string step, Action undo) => _steps.Push((step, undo));

    /// <summary>
    /// A stack for steps that another thread does beside those of this one. It is unwound at its place in this one; the other thread must
    /// have ended by then.
    /// </summary>
    public UndoStack Branch()
    {
        UndoStack branch = new(_call);
        Push("unwind", branch.Unwind);
        return branch;
    }

    private void Unwind()
    {
        while (_steps.TryPop(out (string Step, Action Undo) entry))
        {
            try
            {
                entry.Undo();
            }
            catch (Exception e)
            {
                _call.Warn($"rollback: {entry.Step}: {e.Message}");
            }
        }
    }
}
