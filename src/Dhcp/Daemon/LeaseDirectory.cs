using Cni;
using Dhcp.Client;
using Linux;
using Linux.Files;

namespace Dhcp.Daemon;

/// <summary>
/// The leases on disk, a file each. A file is replaced as a whole, so a daemon that is killed leaves the old state or the new one. Nothing
/// is synced: neither interfaces nor leases that matter outlive the kernel.
/// </summary>
/// <param name="path">The directory.</param>
internal sealed class LeaseDirectory(string path)
{
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxLength = 1024 * 1024;
    private const string Suffix = ".json";
    private const int NameDigits = 32;

    /// <summary>Reads all files, and makes the directory if it is absent.</summary>
    /// <param name="log">Told of what cannot be read; it is set aside.</param>
    public List<StoredLease> ReadAll(Action<string> log)
    {
        OwnerDirectory.Create(path);
        List<StoredLease> leases = [];
        foreach (string file in Directory.EnumerateFiles(path, "*" + Suffix))
        {
            try
            {
                if (PlainFile.TryRead(file, MaxLength, OpenFlags.NoFollow) is { } json)
                    leases.Add(StoredLease.Read(json, file));
            }
            catch (Exception e) when (e is CniException or LinuxException)
            {
                log($"{e.Message}; set aside as {file}.damaged");
                File.Move(file, file + ".damaged", overwrite: true);
            }
        }
        return leases;
    }

    /// <summary>Writes or replaces a file.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public void Save(StoredLease lease)
    {
        string file = FileOf(lease.Request.Key);
        using (FileDescriptor descriptor = FileDescriptor.Open(
            file + ".new", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, OwnerOnlyFile))
        {
            descriptor.SetMode(OwnerOnlyFile);
            descriptor.Write(lease.ToJson());
        }
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Deletes a file; one that is gone is fine.</summary>
    public void Delete(LeaseKey key) => File.Delete(FileOf(key));

    private string FileOf(LeaseKey key) =>
        Path.Combine(path, Sha512.HexPrefix(NameDigits, key.Network, key.ContainerId, key.IfName) + Suffix);
}
