using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Links;

namespace Datapath.Rulesets;

/// <summary>
/// Addresses that the host has for the sake of services: kube-proxy in its mode ipvs puts the addresses of all services on an interface of
/// its own, so that packets to them come as far as IPVS, which works behind the translation of addresses. To the routing table they are the
/// host's like any other, but no port of a pod is published on them.
/// </summary>
public static class ServiceAddresses
{
    // kube-proxy gives it this name, whatever it is told.
    private const string Interface = "kube-ipvs0";

    /// <summary>The set of a family.</summary>
    public static NftSet Set(IpFamily family) =>
        new(NodeRuleset.TableOf(NftFamily.Inet), $"service_addresses{family.Version}", family.AddressType);

    /// <summary>Puts the addresses of services into the sets, if the host has any.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Update(NftClient nft, RouteClient host)
    {
        if (host.FindLink(Interface) is { } link)
            Update(nft, ListAddresses(host, link));
    }

    /// <summary>Makes the sets what they should be, also when the host has no such addresses any more.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Clean(NftClient nft, RouteClient host) =>
        Update(nft, host.FindLink(Interface) is { } link ? ListAddresses(host, link) : []);

    private static HashSet<NftValue> ListAddresses(RouteClient host, Link link) =>
        [.. host.ListAddresses(link.Index).Select(static address => NftValue.Of(address.Address.Address))];

    private static void Update(NftClient nft, HashSet<NftValue> addresses)
    {
        foreach (IpFamily family in IpFamily.Both)
        {
            NftSet set = Set(family);
            NftValue[] wanted = [.. addresses.Where(address => address.Length == set.KeyType.Length)];
            NftValue[] present = [.. nft.ListElements(set).Select(static element => element.Key)];
            _ = nft.DeleteElements(set, present.Except(wanted), static _ => true);
            NftElement[] missing = [.. wanted.Except(present).Select(static address => new NftElement(address))];
            // Without the set no port has ever been published here.
            if (missing.Length > 0
                && nft.TryExecute(new NftBatch().AddElements(set, missing)).FirstOrDefault() is { Errno: not Errno.ENOENT } refusal)
            {
                throw refusal;
            }
        }
    }
}
