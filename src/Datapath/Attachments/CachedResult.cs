using Cni;
using Linux;
using Linux.Addresses;
using Linux.Files;
using Linux.Namespaces;

namespace Datapath.Attachments;

/// <summary>An entry of libcni's result cache (<c>cniCacheV1</c>), as far as it tells who holds which addresses.</summary>
public sealed record CachedResult(string Network, string ContainerId, string IfName, string NetNS, IReadOnlyList<IpPrefix> Addresses)
{
    /// <summary>Where libcni writes unless its caller says otherwise (CacheDir, containernetworking/cni, libcni/api.go).</summary>
    public const string Directory = "/var/lib/cni/results";

    // Configuration (in base64), arguments and result of one attachment, each as long as a plugin's input may be.
    private const int MaxLength = 4 * StandardStreams.MaxInput;

    /// <summary>
    /// Whether the pod's namespace is there; what cannot be told is. An entry outlives its pod and the boot, so only one whose pod is there
    /// says anything.
    /// </summary>
    public bool HasNamespace
    {
        get
        {
            try
            {
                using NetworkNamespace? found = NetworkNamespace.TryOpen(NetNS);
                return found is not null;
            }
            catch (LinuxException)
            {
                return true;
            }
        }
    }

    /// <summary>The entry of an attachment; null if there is none.</summary>
    public static CachedResult? TryFind(string network, string containerId, string ifName) =>
        TryRead(Path.Combine(Directory, $"{network}-{containerId}-{ifName}"));

    /// <summary>Reads a file; null if it is no entry that makes sense.</summary>
    public static CachedResult? TryRead(string path)
    {
        try
        {
            return PlainFile.TryRead(path, MaxLength, OpenFlags.NoFollow) is { } json ? Read(json, path) : null;
        }
        catch (Exception e) when (e is CniException or LinuxException)
        {
            return null;
        }
    }

    private static CachedResult Read(byte[] json, string path)
    {
        string network = "", containerId = "", ifName = "", netns = "";
        IReadOnlyList<IpPrefix> addresses = [];
        JsonCursor entry = new(json, path);
        entry.EnterObject();
        while (entry.NextMember())
        {
            if (entry.Is("networkName"u8))
                network = entry.String();
            else if (entry.Is("containerId"u8))
                containerId = entry.String();
            else if (entry.Is("ifName"u8))
                ifName = entry.String();
            else if (entry.Is("netns"u8))
                netns = entry.String();
            else if (entry.Is("result"u8))
                addresses = [.. CniResult.Parse(entry.Raw(), CniVersions.Newest, path).Ips.Select(static ip => ip.Address)];
        }
        return new CachedResult(network, containerId, ifName, netns, addresses);
    }
}
