using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Files;
using Netlink.Route.Links;

namespace Plugins.Interfaces.HostDevice;

/// <summary>
/// Where the records of <c>host-device</c> lie: a file per attachment, named by its tag, that only root reads and writes. It is there,
/// whole, before the device is moved, and goes when the device is what it was. A boot ends it with the pods.
/// </summary>
/// <param name="call">The call that needs them.</param>
/// <param name="directory">Where they lie.</param>
internal sealed class HostDeviceRecords(CniInvocation call, string directory)
{
    private const string Suffix = ".json";

    /// <summary>The record of an attachment; null if there is none, or none that can be read.</summary>
    /// <param name="tag">Of the attachment.</param>
    /// <exception cref="LinuxException">A file is there and cannot be read.</exception>
    public HostDeviceRecord? Find(string tag)
    {
        using FileDescriptor? file = FileDescriptor.TryOpen(PathOf(tag), OpenFlags.ReadOnly | OpenFlags.NoFollow);
        if (file is null)
            return null;
        try
        {
            return HostDeviceRecord.Parse(file.ReadToEnd(), tag);
        }
        catch (CniException e)
        {
            call.Warn($"{PathOf(tag)}: {e.Message}; nothing is restored from it");
            return null;
        }
    }

    /// <summary>The record of a device that has come back to the host without a DEL; null if there is none.</summary>
    public HostDeviceRecord? FindOf(Link onHost) => All().FirstOrDefault(record => record.IsOnHost(onHost));

    /// <summary>All records.</summary>
    public IEnumerable<HostDeviceRecord> All()
    {
        if (FileStatus.TryGet(directory) is null)
            return [];
        return Directory.EnumerateFiles(directory, $"*{Suffix}")
            .Select(static path => Path.GetFileNameWithoutExtension(path))
            .Where(static name => AttachmentTag.Find(name) == name)
            .Select(Find)
            .OfType<HostDeviceRecord>();
    }

    /// <summary>Writes a record, in the place of the one that is there.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public void Keep(HostDeviceRecord record)
    {
        OwnerDirectory.Create(directory);
        AtomicFile.Write(PathOf(record.Tag), record.Write(call));
    }

    /// <summary>Deletes the record of an attachment, if there is one.</summary>
    public void Delete(string tag)
    {
        foreach (string path in (string[])[PathOf(tag), AtomicFile.NewPathOf(PathOf(tag))])
        {
            // File.Delete fails where the directory is absent.
            if (FileStatus.TryGet(path) is not null)
                File.Delete(path);
        }
    }

    private string PathOf(string tag) => $"{directory}/{tag}{Suffix}";
}
