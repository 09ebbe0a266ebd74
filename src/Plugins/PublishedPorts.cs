using Cni;
using Linux;
using Netlink;
using Netlink.Nftables;

namespace Plugins;

/// <summary>
/// The ports of one attachment in the maps of <see cref="PortRuleset"/>. Besides one element for each port there is one for each address of
/// the pod. It comes with them in one step and goes last, so that it tells, by the address alone, whether there are any.
/// </summary>
/// <param name="tag">Whose they are.</param>
internal sealed class PublishedPorts(AttachmentTag tag)
{
    /// <summary>Publishes ports.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="settings">What to publish.</param>
    /// <param name="addresses">The pod's: at most one of each family, with the lengths of their subnets.</param>
    /// <param name="undo">Takes them back.</param>
    /// <returns>What is published now.</returns>
    /// <exception cref="CniException">A port is another live attachment's.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<PublishedPort> Add(NftClient nft, PortmapSettings settings, IReadOnlyList<IpPrefix> addresses, UndoStack undo)
    {
        OwnElement[] elements = Elements(settings, addresses);
        OwnElements.Add(nft, SharedPart(settings, addresses), tag, elements, Refuse, undo);
        return Ports(elements.Select(static element => element.Element));
    }

    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public void Check(NftClient nft, PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
        OwnElements.Check(nft, SharedPart(settings, addresses), tag, Elements(settings, addresses));

    /// <summary>Takes ports back.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="told">What the runtime says; null if it says nothing, or nothing that can be.</param>
    /// <param name="addresses">The pod's; empty if nobody knows.</param>
    /// <returns>What was published.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<PublishedPort> Remove(NftClient nft, PortmapSettings? told, IReadOnlyList<IpPrefix> addresses)
    {
        List<NftElement> removed = [];
        List<OwnElement> expected = told is null ? [] : PortElements(told, addresses);
        foreach (IGrouping<NftSet, OwnElement> map in expected.GroupBy(static element => element.Set))
            removed.AddRange(nft.DeleteElements(map.Key, [.. map.Select(static element => element.Element.Key)], IsOwn));
        if (addresses.Count == 0)
        {
            removed.AddRange(RemoveWhere(nft, tag.IsIn));
        }
        else if (IsPublished(nft, addresses))
        {
            // The configuration has changed since the ADD, or the runtime has forgotten some.
            if (expected.Count == 0 || removed.Count < expected.Count)
                removed.AddRange(RemoveFromPortMaps(nft, tag.IsIn));
            foreach (IGrouping<bool, IpPrefix> family in addresses.GroupBy(static address => address.IsIPv6))
                _ = nft.DeleteElements(PortRuleset.Published(family.Key), [.. family.Select(KeyOf)], IsOwn);
        }
        return Ports(removed);
    }

    /// <summary>Takes back the ports of a network's attachments that are no longer valid.</summary>
    /// <returns>What was published.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<PublishedPort> RemoveAllBut(NftClient nft, ValidTags valid) => Ports(RemoveWhere(nft, valid.IsGarbage));

    private static List<NftElement> RemoveWhere(NftClient nft, Predicate<string?> isGarbage)
    {
        List<NftElement> removed = RemoveFromPortMaps(nft, isGarbage);
        foreach (bool ipv6 in (bool[])[false, true])
            _ = OwnElements.RemoveWhere(nft, PortRuleset.Published(ipv6), isGarbage);
        return removed;
    }

    private static List<NftElement> RemoveFromPortMaps(NftClient nft, Predicate<string?> isGarbage) =>
        [.. PortRuleset.ListPortMaps(nft).SelectMany(map => OwnElements.RemoveWhere(nft, map, isGarbage))];

    private bool IsPublished(NftClient nft, IReadOnlyList<IpPrefix> addresses) =>
        addresses.Any(address => nft.FindElement(PortRuleset.Published(address.IsIPv6), KeyOf(address)) is { } element && IsOwn(element));

    private bool IsOwn(NftElement element) => tag.IsIn(element.Comment);

    private static PortRuleset SharedPart(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) => new(
        addresses,
        [
            .. from ipv6 in addresses.Select(static address => address.IsIPv6)
               where settings.Condition(ipv6) is not null
               select (ipv6, settings.Condition(ipv6)!),
        ]);

    private static OwnElement[] Elements(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
    [
        .. PortElements(settings, addresses),
        .. addresses.Select(address => new OwnElement(
            PortRuleset.Published(address.IsIPv6),
            new NftElement(KeyOf(address))
            {
                Verdict = settings.Masquerade switch
                {
                    PortMasquerade.None => NftVerdict.Return,
                    PortMasquerade.All => NftVerdict.Goto(PortRuleset.HairpinAll),
                    _ => NftVerdict.Goto(PortRuleset.HairpinName(address)),
                },
            },
            IpText.Format(address.Address))),
    ];

    private static List<OwnElement> PortElements(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
    [
        .. from address in addresses
           from mapping in settings.Mappings
           where mapping.IsOf(address.IsIPv6)
           select ElementOf(mapping, address, settings.Condition(address.IsIPv6)) into element
           group element by (element.Set, element.Element.Key) into same
           select same.First(),
    ];

    private static OwnElement ElementOf(PortMapping mapping, IpPrefix address, PortCondition? condition) => new(
        mapping.OnlyAddress is null ? PortRuleset.PortMap(address.IsIPv6, condition) : PortRuleset.HostPortMap(address.IsIPv6, condition),
        new PublishedPort(mapping.OnlyAddress, mapping.Protocol, mapping.HostPort, address.Address, mapping.ContainerPort).ToElement(),
        mapping.ToString());

    private static List<PublishedPort> Ports(IEnumerable<NftElement> elements) =>
        [.. elements.Select(PublishedPort.Read).OfType<PublishedPort>()];

    private static CniException Refuse(OwnElement element, string holder) => new(
        CniErrorCode.AlreadyExists,
        $"the host's {element.Name} is published by another container that is alive ({holder}); choose another hostPort or remove that container");

    private static NftValue KeyOf(IpPrefix address) => NftValue.Of(address.Address);
}
