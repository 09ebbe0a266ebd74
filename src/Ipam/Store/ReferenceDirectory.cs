using System.Globalization;
using System.Net;
using System.Text;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// The state of the Go host-local plugin: a file per held address, named by it, that holds <c>containerID CR LF ifname</c> (or the
/// container ID alone in old versions), and <c>last_reserved_ip.N</c> per range set.
/// </summary>
internal sealed class ReferenceDirectory(string path)
{
    private const string LastReservedPrefix = "last_reserved_ip.";

    // Container ID and interface name, of at most 1024 characters each.
    private const int MaxFileLength = 16 * 1024;

    /// <summary>Whether the plugin has been here; a directory alone may be ours.</summary>
    public bool Exists => FileStatus.TryGet(path) is { IsDirectory: true } && Directory.EnumerateFiles(path).Any(IsOfReference);

    /// <summary>Takes the plugin's own lock; null if there is no directory, or it is one whose lock is held already.</summary>
    /// <exception cref="TimeoutException">Another process holds it.</exception>
    public FileLock? Lock(string heldDirectory, TimeSpan timeout)
    {
        if (FileStatus.TryGet(path) is not { } directory || (FileStatus.TryGet(heldDirectory)?.IsSameFileAs(directory) ?? false))
            return null;
        return FileLock.Acquire(Path.Combine(path, "lock"), timeout);
    }

    /// <summary>
    /// The leases whose files were written during this boot. Files without an owner are what a killed process leaves (plugins issue
    /// 498): nobody holds them.
    /// </summary>
    public IEnumerable<Lease> ReadLeases(DateTimeOffset bootTime)
    {
        if (!Exists)
            return [];
        var files =
            from file in Directory.EnumerateFiles(path)
            let name = Path.GetFileName(file)
            where IpText.TryParse(name, out _)
            let status = FileStatus.TryGet(file)
            where status is { IsRegular: true } && status.Value.ModifiedAt >= bootTime
            let owner = ReadOwner(file)
            where owner is not null
            select (Owner: owner.Value, Address: Parse(name), status.Value.ModifiedAt);
        return
            from file in files
            group file by file.Owner into held
            select new Lease
            {
                Key = held.Key,
                CreatedAt = held.Min(file => file.ModifiedAt),
                Addresses = [.. held.Select(file => new LeasedAddress(-1, file.Address))],
                Imported = true,
            };
    }

    /// <summary>The addresses that were given last, one per range set, in their order.</summary>
    public IReadOnlyList<IPAddress> ReadLastReserved()
    {
        if (!Exists)
            return [];
        List<(int Set, IPAddress Address)> last = [];
        foreach (string file in Directory.EnumerateFiles(path, LastReservedPrefix + "*"))
        {
            ReadOnlySpan<char> number = Path.GetFileName(file).AsSpan(LastReservedPrefix.Length);
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int set)
                && IpText.TryParse(ReadText(file)?.Trim(), out IPAddress address))
            {
                last.Add((set, address));
            }
        }
        return [.. last.OrderBy(entry => entry.Set).Select(entry => entry.Address)];
    }

    /// <summary>Removes the files of a lease that was imported, if they are still its own.</summary>
    public void Remove(Lease lease)
    {
        foreach (LeasedAddress leased in lease.Addresses)
        {
            string file = Path.Combine(path, IpText.Format(leased.Address));
            if (ReadOwner(file) == lease.Key)
                File.Delete(file);
        }
    }

    private static LeaseKey? ReadOwner(string file)
    {
        string[] lines = (ReadText(file) ?? "").Trim().Split("\r\n");
        return lines.Length <= 2 && IsName(lines[0]) && (lines.Length == 1 || IsName(lines[1]))
            ? new LeaseKey(lines[0], lines.ElementAtOrDefault(1) ?? "")
            : null;
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 1024 && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '/' or '\uFFFD');

    private static IPAddress Parse(string name) => IpText.TryParse(name, out IPAddress address) ? address : IPAddress.None;

    /// <summary>A small file's text; null if it is not what the plugin writes: a link, a pipe, a device, something long.</summary>
    private static string? ReadText(string file)
    {
        try
        {
            using FileDescriptor? descriptor = FileDescriptor.TryOpen(
                file, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
            return descriptor?.Status() is { IsRegular: true, Size: <= MaxFileLength }
                ? Encoding.UTF8.GetString(descriptor.ReadToEnd())
                : null;
        }
        catch (LinuxException e) when (e.Errno is Errno.ELOOP or Errno.ENXIO)
        {
            return null;
        }
    }

    private static bool IsOfReference(string file) =>
        Path.GetFileName(file) is var name
            && (name.StartsWith(LastReservedPrefix, StringComparison.Ordinal) || IpText.TryParse(name, out _));
}
