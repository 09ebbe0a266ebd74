using System.Text;
using Linux.Addresses;

namespace Cni;

/// <summary>
/// What an ADD made. One shape in memory, that of 1.1.0; the version matters only where a result is read or written.
/// </summary>
public sealed partial class CniResult
{
    /// <summary>Host side first: bridge, host veth, container (runtimes and the firewall plugin rely on it).</summary>
    public List<CniInterface> Interfaces { get; } = [];

    /// <summary>The container's addresses only: CRI-O reports each as the pod's.</summary>
    public List<CniIp> Ips { get; } = [];

    /// <summary>The container's addresses as they are, without gateways.</summary>
    public IReadOnlyList<IpPrefix> Addresses => [.. Ips.Select(static ip => ip.Address)];

    public List<CniRoute> Routes { get; } = [];

    public CniDns? Dns { get; set; }

    /// <summary>Top-level members that this code has no name for.</summary>
    public UnknownMembers? Unknown { get; private set; }

    /// <summary>
    /// The addresses of a container's interface: those whose interface is one of this name in a sandbox, and those that nobody has assigned
    /// to any interface, as in all results before 0.3.0.
    /// </summary>
    /// <param name="ifName">CNI_IFNAME.</param>
    public IEnumerable<CniIp> IpsOf(string ifName) => Ips.Where(ip => ip.Interface is not { } index
        || (index >= 0 && index < Interfaces.Count && Interfaces[index] is { Sandbox: not null } owner && owner.Name == ifName));

    /// <summary>Whether the result can be written in a version. Ask before anything is changed.</summary>
    /// <param name="version">The configuration's cniVersion.</param>
    /// <param name="problem">Why not; null if it can.</param>
    public bool CanBeWrittenAs(string version, out string? problem)
    {
        problem = CniVersions.FamilyOf(version) switch
        {
            null => $"unsupported CNI result version \"{version}\"",
            ResultFamily.Ip4AndIp6 when Ips.Count == 0 =>
                $"results of version {version} need an IP address, and this network gives none: use cniVersion 0.3.0 or newer",
            _ => FindBadInterfaceIndex(),
        };
        return problem is null;
    }

    /// <summary>Libraries of runtimes crash on an index without its interface (containerd/go-cni).</summary>
    private string? FindBadInterfaceIndex()
    {
        for (int i = 0; i < Ips.Count; i++)
        {
            if (!HasInterfaceOf(Ips[i]))
                return $"ips[{i}].interface is {Ips[i].Interface}, but there are {Interfaces.Count} interfaces";
        }
        return null;
    }

    /// <summary>Whether the interface that an address names is there; true if it names none.</summary>
    private bool HasInterfaceOf(CniIp ip) => ip.Interface is not { } index || (index >= 0 && index < Interfaces.Count);

    /// <summary>The result in the newest version, for people.</summary>
    public override string ToString() => Encoding.UTF8.GetString(ToJson(CniVersions.Newest));
}
