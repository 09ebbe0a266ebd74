using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Files;

namespace Plugins.Chained.Tuning;

/// <summary>
/// Where the records of <c>tuning</c> lie: a file per attachment, named by its tag, in a folder per container, whose attachments share
/// kernel settings. It appears whole and before the first change, so that a killed ADD can be taken back; it says nothing once the pod's
/// namespace is gone, so it need not survive the loss of power.
/// </summary>
/// <param name="call">The call whose attachment it is about.</param>
/// <param name="directories">In which it may lie; a new one goes into the first.</param>
internal sealed class TuningRecords(CniInvocation call, IReadOnlyList<string> directories)
{
    private const string Suffix = ".json";

    private const int FolderDigits = 16;

    private readonly string _folder = Sha512.HexPrefix(FolderDigits, call.ContainerId);
    private readonly string _tag = new AttachmentTag(call.Network, call.ContainerId, call.IfName).Text;

    /// <summary>
    /// The record of the attachment: ours, or what the reference's plugin left; null if there is none, or none that can be read.
    /// </summary>
    /// <exception cref="LinuxException">A file is there and cannot be read.</exception>
    public TuningRecord? Find() =>
        directories.Select(directory => TryRead(PathIn(directory))).FirstOrDefault(static record => record is not null)
        ?? directories.Select(directory => TryRead(EarlierPathIn(directory))).FirstOrDefault(static record => record is not null)
        ?? directories.Select(directory => TryRead(ReferencePathIn(directory))).FirstOrDefault(static record => record is not null);

    /// <summary>Writes what an ADD found. What an earlier ADD of the attachment found stays; a failing ADD puts everything back.</summary>
    /// <exception cref="LinuxException">The file cannot be written.</exception>
    public void Keep(TuningRecord found, UndoStack undo)
    {
        string path = PathIn(directories[0]);
        TuningRecord? earlier = TryRead(path) ?? TryRead(EarlierPathIn(directories[0]));
        undo.Push($"put back {path}", () =>
        {
            if (earlier is null)
                Delete(directories[0]);
            else
                Write(path, earlier);
        });
        Write(path, earlier is null ? found : earlier.Before(found));
    }

    /// <summary>
    /// What is left to restore of the attachment's record once later attachments of the container are considered: a setting that one of
    /// them has made, too, stays, and is theirs to restore to what this one found.
    /// </summary>
    public TuningRecord LeaveToLater(TuningRecord own)
    {
        List<(string Path, TuningRecord Record)> later =
        [
            .. Others().Where(other => other.Record.At > own.At).OrderBy(static other => other.Record.At),
        ];
        List<SysctlRecord> left = [];
        foreach (SysctlRecord setting in own.Sysctls)
        {
            int next = later.FindIndex(other => other.Record.Sysctls.Any(theirs => theirs.Path == setting.Path));
            if (next < 0)
            {
                left.Add(setting);
                continue;
            }
            (string path, TuningRecord heir) = later[next];
            later[next] = (path, heir with { Sysctls = [.. heir.Sysctls.Select(theirs => Inherit(theirs, setting))] });
            Write(path, later[next].Record);
        }
        return own with { Sysctls = left };
    }

    /// <summary>Deletes the attachment's record, and the reference's.</summary>
    public void Delete()
    {
        foreach (string directory in directories)
        {
            Delete(directory);
            DeleteFile(EarlierPathIn(directory));
            DeleteFile(AtomicFile.NewPathOf(EarlierPathIn(directory)));
            DeleteFile(ReferencePathIn(directory));
        }
    }

    /// <summary>Deletes the records of a network's attachments that are no longer valid.</summary>
    /// <exception cref="AggregateException">Some could not be deleted.</exception>
    public static void DeleteAllBut(GcScope valid, IEnumerable<string> directories)
    {
        BestEffortSteps cleanUp = new();
        foreach (string path in directories.Where(Directory.Exists)
            .SelectMany(static directory => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)).ToList())
        {
            if (valid.IsGarbage(Path.GetFileNameWithoutExtension(path)))
                cleanUp.Try(() => Delete(path, directories));
        }
        cleanUp.ThrowIfFailed();
    }

    private string FolderIn(string directory) => $"{directory}/{_folder}";

    private string PathIn(string directory) => $"{FolderIn(directory)}/{_tag}{Suffix}";

    /// <summary>Versions without a folder per container kept the record here.</summary>
    private string EarlierPathIn(string directory) => $"{directory}/{_tag}{Suffix}";

    /// <summary>The reference's plugin keeps its backup here (plugins/meta/tuning).</summary>
    private string ReferencePathIn(string directory) => $"{directory}/{call.ContainerId}_{call.IfName}.json";

    private TuningRecord? TryRead(string path)
    {
        using FileDescriptor? file = FileDescriptor.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        if (file is null)
            return null;
        try
        {
            return TuningRecord.Parse(file.ReadToEnd());
        }
        catch (CniException e)
        {
            call.Warn($"{path}: {e.Message}; nothing is restored from it");
            return null;
        }
    }

    private IEnumerable<(string Path, TuningRecord Record)> Others()
    {
        foreach (string folder in directories.Select(FolderIn).Where(Directory.Exists))
        {
            foreach (string path in Directory.EnumerateFiles(folder, $"*{Suffix}"))
            {
                if (Path.GetFileNameWithoutExtension(path) != _tag && TryRead(path) is { } record)
                    yield return (path, record);
            }
        }
    }

    private static SysctlRecord Inherit(SysctlRecord theirs, SysctlRecord own) =>
        theirs.Path == own.Path && SysctlSetting.IsSameValue(theirs.Found, own.Set) ? theirs with { Found = own.Found } : theirs;

    private static void Write(string path, TuningRecord record)
    {
        byte[] text = record.Write();
        while (true)
        {
            OwnerDirectory.Create(Path.GetDirectoryName(path)!);
            try
            {
                AtomicFile.Write(path, text);
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOENT)
            {
                // A DEL in another of the container's networks has removed the folder between the two calls.
            }
        }
    }

    private void Delete(string directory)
    {
        DeleteFile(PathIn(directory));
        DeleteFile(AtomicFile.NewPathOf(PathIn(directory)));
        DeleteFolder(FolderIn(directory));
    }

    private static void Delete(string path, IEnumerable<string> directories)
    {
        File.Delete(path);
        if (Path.GetDirectoryName(path) is { } folder && !directories.Contains(folder))
            DeleteFolder(folder);
    }

    private static void DeleteFile(string path)
    {
        // File.Delete fails where the directory is absent.
        if (FileStatus.TryGet(path) is not null)
            File.Delete(path);
    }

    /// <summary>Deletes the folder of a container if this was its last attachment.</summary>
    private static void DeleteFolder(string folder)
    {
        try
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Another of its networks has put a record there meanwhile, or removed the last one.
        }
    }
}
