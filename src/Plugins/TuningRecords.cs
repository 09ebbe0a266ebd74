using Cni;
using Linux;

namespace Plugins;

/// <summary>
/// Where the records of <c>tuning</c> lie: a file per attachment, named by its tag. It appears whole and before the first change, so that a
/// killed ADD can be taken back; it says nothing once the pod's namespace is gone, so it need not survive the loss of power.
/// </summary>
/// <param name="call">The call whose attachment it is about.</param>
/// <param name="directories">In which it may lie; a new one goes into the first.</param>
internal sealed class TuningRecords(CniInvocation call, IReadOnlyList<string> directories)
{
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnlyFile | UnixFileMode.UserExecute;
    private const string Suffix = ".json";
    private const string NewSuffix = ".new";

    private readonly string _tag = new AttachmentTag(call.Network, call.ContainerId, call.IfName).Text;

    /// <summary>The record of the attachment: ours, or what the reference's plugin left; null if there is none, or none that can be read.</summary>
    /// <exception cref="LinuxException">A file is there and cannot be read.</exception>
    public TuningRecord? Find() => directories.Select(directory => TryRead(PathIn(directory))).FirstOrDefault(static record => record is not null)
        ?? directories.Select(directory => TryRead(ReferencePathIn(directory))).FirstOrDefault(static record => record is not null);

    /// <summary>Writes what an ADD found. What an earlier ADD of the attachment found stays; a failing ADD puts everything back.</summary>
    /// <exception cref="LinuxException">The file cannot be written.</exception>
    public void Keep(TuningRecord found, UndoStack undo)
    {
        TuningRecord? earlier = TryRead(PathIn(directories[0]));
        undo.Push($"put back {PathIn(directories[0])}", () =>
        {
            if (earlier is null)
                Delete(directories[0]);
            else
                Write(earlier);
        });
        Write(earlier is null ? found : earlier.Before(found));
    }

    /// <summary>Deletes the attachment's record, and the reference's.</summary>
    public void Delete()
    {
        foreach (string directory in directories)
        {
            Delete(directory);
            DeleteFile(ReferencePathIn(directory));
        }
    }

    /// <summary>Deletes the records of a network's attachments that are no longer valid.</summary>
    /// <exception cref="AggregateException">Some could not be deleted.</exception>
    public static void DeleteAllBut(ValidTags valid, IEnumerable<string> directories)
    {
        CleanUp cleanUp = new();
        foreach (string path in directories.Where(Directory.Exists).SelectMany(static directory => Directory.EnumerateFiles(directory)))
        {
            if (valid.IsGarbage(Path.GetFileNameWithoutExtension(path)))
                cleanUp.Try(() => File.Delete(path));
        }
        cleanUp.ThrowIfFailed();
    }

    private string PathIn(string directory) => $"{directory}/{_tag}{Suffix}";

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

    private void Write(TuningRecord record)
    {
        string directory = directories[0];
        string path = PathIn(directory);
        string newPath = $"{directory}/{_tag}{NewSuffix}";
        _ = Directory.CreateDirectory(directory, OwnerOnlyDirectory);
        using (FileDescriptor file = FileDescriptor.Open(
            newPath, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, OwnerOnlyFile))
        {
            file.Write(record.Write(call));
        }
        File.Move(newPath, path, overwrite: true);
    }

    private void Delete(string directory)
    {
        DeleteFile(PathIn(directory));
        DeleteFile($"{directory}/{_tag}{NewSuffix}");
    }

    private static void DeleteFile(string path)
    {
        // File.Delete fails where the directory is absent.
        if (FileStatus.TryGet(path) is not null)
            File.Delete(path);
    }
}
