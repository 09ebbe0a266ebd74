using Ipam;
using Linux;
using Netlink;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// The addresses that the pods of a node have, found without any record of ours: in the aliases of host interfaces, in the result
/// caches that libcni keeps, and in every network namespace that can be reached.
/// </summary>
/// <param name="network">The network whose store is being made.</param>
internal sealed class KernelLeases(string network)
{
    /// <summary>Everything that is found; one attachment may be found several times.</summary>
    public IEnumerable<Lease> Find()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        return [.. FindByAlias(), .. FindInCaches(), .. FindInNamespaces(own)];
    }

    private List<Lease> FindByAlias()
    {
        using RouteClient host = RouteClient.Open();
        string prefix = AttachmentTag.NetworkPrefix(network);
        List<Lease> leases = [];
        foreach (Link link in host.ListLinks(kind: "veth"))
        {
            if (link.Alias is { } alias && alias.StartsWith(prefix, StringComparison.Ordinal))
            {
                LeaseKey key = AttachmentTag.OwnerIn(alias, network) is var (containerId, ifName)
                    ? new LeaseKey(containerId, ifName)
                    : LeaseKey.Unknown(link.Name, link.Name);
                leases.Add(LeaseOf(key, "", AttachmentTag.AddressesIn(alias)));
            }
        }
        return leases;
    }

    private List<Lease> FindInCaches()
    {
        List<Lease> leases = [];
        if (!Directory.Exists(CachedResult.Directory))
            return leases;
        foreach (string path in Directory.EnumerateFiles(CachedResult.Directory, $"{network}-*"))
        {
            if (CachedResult.TryRead(path) is { } cached && cached.Network == network && cached.HasNamespace)
                leases.Add(LeaseOf(new LeaseKey(cached.ContainerId, cached.IfName), cached.NetNS, cached.Addresses));
        }
        return leases;
    }

    private static List<Lease> FindInNamespaces(NetworkNamespace own)
    {
        List<Lease> leases = [];
        HashSet<(ulong, ulong)> seen = [(own.Handle.Status().Device, own.Handle.Status().Inode)];
        foreach (string path in NamespacePaths())
        {
            try
            {
                using NetworkNamespace? pod = NetworkNamespace.TryOpen(path);
                if (pod is not null && seen.Add((pod.Handle.Status().Device, pod.Handle.Status().Inode)))
                    leases.AddRange(FindIn(pod, path));
            }
            catch (Exception e) when (e is LinuxException or NetlinkException)
            {
                // Gone between listing and looking, or not ours to enter.
            }
        }
        return leases;
    }

    private static IEnumerable<string> NamespacePaths()
    {
        foreach (string directory in (string[])["/run/netns", "/var/run/netns"])
        {
            if (Directory.Exists(directory))
            {
                foreach (string path in Directory.EnumerateFiles(directory))
                    yield return path;
            }
        }
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(Path.GetFileName(process)[0]))
                yield return $"{process}/ns/net";
        }
    }

    private static IEnumerable<Lease> FindIn(NetworkNamespace pod, string path)
    {
        using RouteClient inside = RouteClient.Open(pod);
        Dictionary<int, string> names = inside.ListLinks().ToDictionary(static link => link.Index, static link => link.Name);
        return
        [
            .. from address in inside.ListAddresses()
               where !System.Net.IPAddress.IsLoopback(address.Address.Address) && !address.Address.Address.IsIPv6LinkLocal
               group address.Address by names.GetValueOrDefault(address.LinkIndex, "") into held
               select LeaseOf(LeaseKey.Unknown(path, held.Key), path, held),
        ];
    }

    private static Lease LeaseOf(LeaseKey key, string netns, IEnumerable<IpPrefix> addresses) => new()
    {
        Key = key,
        NetNS = netns,
        CreatedAt = DateTimeOffset.UtcNow,
        Addresses = [.. addresses.Select(static address => new LeasedAddress(-1, address.Address))],
    };
}
