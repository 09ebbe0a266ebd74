using Cni;
using Datapath.Attachments;
using Linux.Files;
using Linux.Namespaces;

namespace Plugins.Chained.Tuning;

/// <summary>
/// <c>tuning</c>: kernel settings of the pod's namespace, and MAC address, MTU, queue length and reception of its interface. Keys and their
/// meaning: docs/tuning.md. What was there before is restored by DEL from a <see cref="TuningRecord"/>.
/// </summary>
public sealed class TuningPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "tuning";

    /// <summary>
    /// Restores what still exists. That cannot fail a DEL: the plugin before this one would never be called to remove the interface.
    /// </summary>
    public override void Del(CniInvocation call)
    {
        TuningRecords records = new(call, TuningConfig.ReadDataDirs(call));
        if (call.ForeignNamespace is { } pod && records.Find() is { } record)
            Restore(call, pod, records, record);
        else
            records.Delete();
    }

    /// <summary>Deletes records. Their interfaces are left alone: those of an attachment that is gone are gone with it.</summary>
    public override void Gc(CniInvocation call) =>
        TuningRecords.DeleteAllBut(new GcScope(call), TuningConfig.ReadDataDirs(call));

    private static void Restore(CniInvocation call, NetworkNamespace pod, TuningRecords records, TuningRecord record)
    {
        FileLock? held = null;
        try
        {
            held = record.Sysctls.Count > 0 ? PodLock.Take(pod) : null;
            TuningRestoration.Run(pod, call.IfName, records.LeaveToLater(record), always: false);
        }
        catch (Exception e)
        {
            call.Warn($"cannot restore {call.IfName}: {e.Message}");
        }
        try
        {
            // Before another DEL can leave a setting to it.
            records.Delete();
        }
        finally
        {
            held?.Dispose();
        }
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        TuningSettings settings = TuningSettings.Read(call);
        if (settings.Sysctls.Count > 0)
            SysctlAllowlist.TryRead()?.Require(settings.Sysctls);
        if (!settings.IsEmpty)
            new TuningAttachment(call, settings, result).Make(undo);
    }

    private protected override void Compare(CniInvocation call, CniResult result)
    {
        TuningSettings settings = TuningSettings.Read(call);
        if (!settings.IsEmpty)
            new TuningCheck(call, settings).Run();
    }
}
