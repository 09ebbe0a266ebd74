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

    /// <summary>Restores what still exists. That cannot fail a DEL: the plugin before this one would never be called to remove the interface.</summary>
    public override void Del(CniInvocation invocation)
    {
        TuningRecords records = new(invocation, TuningConfig.ReadDataDirs(invocation));
        if (invocation is { Namespace: { } pod, NetNSIsOwn: false } && records.Find() is { } record)
            Restore(invocation, pod, records, record);
        else
            records.Delete();
    }

    /// <summary>Deletes records. Their interfaces are left alone: those of an attachment that is gone are gone with it.</summary>
    public override void Gc(CniInvocation invocation) =>
        TuningRecords.DeleteAllBut(new ValidTags(invocation), TuningConfig.ReadDataDirs(invocation));

    private static void Restore(CniInvocation del, NetworkNamespace pod, TuningRecords records, TuningRecord record)
    {
        FileLock? held = null;
        try
        {
            held = record.Sysctls.Count > 0 ? PodLock.Take(pod) : null;
            TuningRestoration.Run(pod, del.IfName, records.LeaveToLater(record), always: false);
        }
        catch (Exception e)
        {
            del.Warn($"cannot restore {del.IfName}: {e.Message}");
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

    private protected override void Attach(CniInvocation add, CniResult result, UndoStack undo)
    {
        TuningSettings settings = TuningSettings.Read(add);
        if (settings.Sysctls.Count > 0)
            SysctlAllowlist.TryRead()?.Require(settings.Sysctls);
        if (!settings.IsEmpty)
            new TuningAttachment(add, settings, result).Make(undo);
    }

    private protected override void Compare(CniInvocation check, CniResult result)
    {
        TuningSettings settings = TuningSettings.Read(check);
        if (!settings.IsEmpty)
            new TuningCheck(check, settings).Run();
    }
}
