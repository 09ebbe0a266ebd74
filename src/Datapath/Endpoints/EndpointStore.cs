using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Files;

namespace Datapath.Endpoints;

/// <summary>
/// Where the records of a node's endpoints lie: a file per attachment, named by its tag, that only root reads and writes. A record appears
/// whole, by a rename, so a reader that watches the directory waits for IN_MOVED_TO and IN_DELETE alone. It ends with the boot, as the pod
/// does.
/// </summary>
/// <param name="directory">An absolute path.</param>
public sealed class EndpointStore(string directory)
{
    /// <summary>Where plugins write and the agent reads unless the configuration says otherwise.</summary>
    public const string DefaultDirectory = $"{AgentDirectory}/endpoints";

    /// <summary>What a record is called behind its tag.</summary>
    public const string Suffix = ".json";

    private const string AgentDirectory = "/run/cniagent";

    // All that a record says comes from a plugin's input, and escaped it is at most six times as long (an apostrophe is).
    private const int MaxLength = 8 * StandardStreams.MaxInput;

    /// <summary>The file of an attachment.</summary>
    public string PathOf(string tag) => $"{directory}/{tag}{Suffix}";

    /// <summary>The tags that have a record.</summary>
    public IEnumerable<string> Tags() => Names()
        .Where(static name => name.EndsWith(Suffix, StringComparison.Ordinal))
        .Select(static name => name[..^Suffix.Length])
        .Where(static tag => AttachmentTag.Find(tag) == tag);

    /// <summary>The record of an attachment; null if there is none.</summary>
    /// <exception cref="CniException">A file is there and is no record of it.</exception>
    /// <exception cref="LinuxException">A file is there and cannot be read.</exception>
    public EndpointRecord? Find(string tag)
    {
        string path = PathOf(tag);
        if (PlainFile.TryRead(path, MaxLength, OpenFlags.NoFollow) is not { } text)
            return null;
        EndpointRecord record = EndpointRecord.Parse(text, path);
        return record.Tag == tag
            ? record
            : throw new CniException(
                CniErrorCode.DecodingFailure,
                $"{path} is of another attachment: network {record.Network}, container {record.ContainerId}, interface {record.IfName}");
    }

    /// <summary>Writes a record in the place of the one that is there; a failing ADD puts that back.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public void Keep(EndpointRecord record, UndoStack undo)
    {
        string tag = record.Tag;
        byte[]? earlier = PlainFile.TryRead(PathOf(tag), MaxLength, OpenFlags.NoFollow);
        undo.Push($"put back {PathOf(tag)}", () =>
        {
            if (earlier is null)
                Delete(tag);
            else
                Write(tag, earlier);
        });
        Write(tag, record.Write());
    }

    /// <summary>Deletes the record of an attachment, if there is one, and what a killed ADD left of one.</summary>
    public void Delete(string tag)
    {
        foreach (string path in (ReadOnlySpan<string>)[PathOf(tag), AtomicFile.NewPathOf(PathOf(tag))])
        {
            // File.Delete fails where the directory is absent.
            if (FileStatus.TryGet(path) is not null)
                File.Delete(path);
        }
    }

    /// <summary>Deletes the records of a network's attachments that are no longer valid.</summary>
    /// <exception cref="AggregateException">Some could not be deleted.</exception>
    public void DeleteAllBut(GcScope valid)
    {
        BestEffortSteps cleanUp = new();
        foreach (string tag in Names().Select(static name => Path.GetFileNameWithoutExtension(name)).Where(valid.IsGarbage).ToList())
            cleanUp.Try(() => Delete(tag));
        cleanUp.ThrowIfFailed();
    }

    private IEnumerable<string> Names() =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Select(static path => Path.GetFileName(path)) : [];

    private void Write(string tag, byte[] text)
    {
        // Whoever comes first makes the agent's directory, and it is for root alone; parents of others are not.
        if (directory == DefaultDirectory)
            OwnerDirectory.Create(AgentDirectory);
        OwnerDirectory.Create(directory);
        AtomicFile.Write(PathOf(tag), text);
    }
}
