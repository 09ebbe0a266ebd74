using System.Net;
using Datapath.Attachments;
using Ipam;
using Linux;
using Linux.Namespaces;
using Netlink;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;

namespace Plugins.Ipam.HostLocal;

/// <summary>
/// The addresses that the pods of a node have, found without any record of ours: in the aliases of host interfaces, in the result
/// caches that libcni keeps, and in every network namespace that can be reached and that the node's root has made: what an unprivileged
/// user puts into one of its own says nothing.
/// </summary>
/// <param name="network">The network whose store is being made.</param>
/// <param name="ranges">What the network may give; null if nobody knows. In a namespace only those addresses count.</param>
/// <param name="mountNamespace">In which the paths mean something.</param>
internal sealed class KernelLeases(string network, IReadOnlyList<RangeSet>? ranges, ulong mountNamespace)
{
    // Of one lease.
    private const int MaxAddresses = 100;

    /// <summary>Everything that is found; one attachment may be found several times.</summary>
    public IEnumerable<Lease> Find()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        using RouteClient host = RouteClient.Open();
        List<Link> cables = host.ListLinks(kind: "veth");
        List<CachedResult> cached = ReadCaches();
        return
        [
            .. FindByAlias(cables),
            .. from entry in cached
               where entry.Network == network
               select LeaseOf(
                   new LeaseKey(entry.ContainerId, entry.IfName), entry.NetNS, entry.Addresses.Select(static address => address.Address)),
            .. FindInNamespaces(own, cables.ToDictionary(static link => link.Index), cached.FindAll(entry => entry.Network != network)),
        ];
    }

    private List<Lease> FindByAlias(List<Link> cables)
    {
        string prefix = AttachmentTag.NetworkPrefix(network);
        List<Lease> leases = [];
        foreach (Link link in cables)
        {
            if (link.Alias is { } alias && alias.StartsWith(prefix, StringComparison.Ordinal))
            {
                LeaseKey key = AttachmentTag.OwnerIn(alias, network) is var (containerId, ifName)
                    ? new LeaseKey(containerId, ifName)
                    : LeaseKey.Unknown(link.Name, link.Name);
                leases.Add(LeaseOf(key, "", AttachmentTag.AddressesIn(alias).Select(static address => address.Address)));
            }
        }
        return leases;
    }

    /// <summary>What the runtimes remember of pods that are there.</summary>
    private static List<CachedResult> ReadCaches() => Directory.Exists(CachedResult.Directory)
        ? [
            .. Directory.EnumerateFiles(CachedResult.Directory)
                .Select(CachedResult.TryRead)
                .OfType<CachedResult>()
                .Where(static entry => entry.HasNamespace),
        ]
        : [];

    private List<Lease> FindInNamespaces(NetworkNamespace own, Dictionary<int, Link> cables, List<CachedResult> ofOthers)
    {
        List<Lease> leases = [];
        HashSet<(ulong, ulong)> seen = [(own.Handle.Status().Device, own.Handle.Status().Inode)];
        foreach (string path in NamespacePaths())
        {
            try
            {
                using NetworkNamespace? pod = NetworkNamespace.TryOpen(path);
                if (pod is not null && seen.Add((pod.Handle.Status().Device, pod.Handle.Status().Inode)) && pod.IsOwnedHere)
                    leases.AddRange(FindIn(pod, path, cables, ofOthers));
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

    private List<Lease> FindIn(NetworkNamespace pod, string path, Dictionary<int, Link> cables, List<CachedResult> ofOthers)
    {
        using RouteClient inside = RouteClient.Open(pod);
        Dictionary<int, Link> links = inside.ListLinks().ToDictionary(static link => link.Index);
        List<Lease> leases = [];
        foreach (
            IGrouping<int, InterfaceAddress> held in inside.ListAddresses().Where(MayBeOurs).GroupBy(static address => address.LinkIndex))
        {
            Link? link = links.GetValueOrDefault(held.Key);
            if (link is not null
                && (IsOnCableOfAnother(link, cables) || ofOthers.Exists(entry => entry.IfName == link.Name && IsAt(entry.NetNS, pod))))
            {
                continue;
            }
            string name = link?.Name ?? "";
            foreach ((int i, IPAddress[] part) in held.Select(static address => address.Address.Address).Chunk(MaxAddresses).Index())
            {
                leases.Add(
                    LeaseOf(LeaseKey.Unknown(i == 0 ? path : $"{path} ({i + 1})", name), path, part) with
                    {
                        Origin = new LeaseOrigin(pod.Cookie, mountNamespace, 0),
                    });
            }
        }
        return leases;
    }

    private bool MayBeOurs(InterfaceAddress held)
    {
        IPAddress address = held.Address.Address;
        return !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && ranges?.Any(set => set.Contains(address)) != false;
    }

    /// <summary>Whether an interface's other end is here and bears the tag of another network.</summary>
    private bool IsOnCableOfAnother(Link link, Dictionary<int, Link> cables) =>
        link is { Kind: "veth", PeerIndex: { } peer }
        && cables.TryGetValue(peer, out Link? hostEnd) && hostEnd.PeerIndex == link.Index
        && AttachmentTag.Find(hostEnd.Alias ?? "") is { } tag
        && !tag.StartsWith(AttachmentTag.NetworkPrefix(network), StringComparison.Ordinal);

    private static bool IsAt(string path, NetworkNamespace pod)
    {
        using NetworkNamespace? found = NetworkNamespace.TryOpen(path);
        return found?.IsSameAs(pod) == true;
    }

    private static Lease LeaseOf(LeaseKey key, string netns, IEnumerable<IPAddress> addresses) => new()
    {
        Key = key,
        NetNS = netns,
        CreatedAt = DateTimeOffset.UtcNow,
        Addresses = [.. addresses.Select(static address => new LeasedAddress(-1, address))],
    };
}
