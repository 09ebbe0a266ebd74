using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Plugins.Configuration;

namespace Plugins.Chained.Portmap;

/// <summary>
/// The ports of one attachment in the maps of <see cref="PortRuleset"/>. Besides one element for each port there is one for each address of
/// the pod. It comes with them in one step, or first where they take several, and goes last, so that it tells, by the address alone,
/// whether there are any.
/// </summary>
/// <param name="tag">Whose they are.</param>
internal sealed class PublishedPorts(AttachmentTag tag)
{
    /// <summary>Publishes ports.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="settings">What to publish.</param>
    /// <param name="addresses">The pod's: at most one of each family, with the lengths of their subnets.</param>
    /// <param name="undo">Takes them back.</param>
    /// <returns>What is published now, without the ports that another network of the same container keeps for the time being.</returns>
    /// <exception cref="CniException">A port is another live container's, and stays so.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<PublishedPort> Add(NftClient nft, PortmapSettings settings, IReadOnlyList<IpPrefix> addresses, UndoStack undo)
    {
        AttachmentElement[] elements = Elements(settings, addresses);
        return Ports(
            AttachmentElements.Add(nft, SharedPart(settings, addresses), tag, elements, Contest, undo)
                .Select(static element => element.Element));
    }

    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public void Check(NftClient nft, PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
        AttachmentElements.Check(nft, SharedPart(settings, addresses), tag, Elements(settings, addresses));

    /// <summary>Takes ports back.</summary>
    /// <param name="nft">The ruleset.</param>
    /// <param name="told">What the runtime says; null if it says nothing, or nothing that can be.</param>
    /// <param name="addresses">The pod's; empty if nobody knows.</param>
    /// <returns>What was published.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<PublishedPort> Remove(NftClient nft, PortmapSettings? told, IReadOnlyList<IpPrefix> addresses)
    {
        if (addresses.Count == 0)
            return Ports(RemoveWhere(nft, tag.IsIn));
        AttachmentElement[] expected = told is null ? [] : [.. PortElements(told, addresses)];
        AttachmentElement[] signs = [.. addresses.Select(static address => SignOf(address, NftVerdict.Return))];
        List<NftElement> removed = [];
        // The configuration has changed since the ADD, or the runtime has forgotten some. The signs go last.
        if (!IsWhole(nft, expected) && signs.Any(sign => IsWhole(nft, [sign])))
            removed.AddRange(AttachmentElements.RemoveWhere(nft, PortRuleset.ListPortMaps(nft), tag.IsIn));
        removed.AddRange(AttachmentElements.Remove(nft, tag, expected.Concat(signs)));
        return Ports(removed);
    }

    /// <summary>The ports that settings mean.</summary>
    /// <param name="settings">What to publish.</param>
    /// <param name="addresses">The pod's.</param>
    public static List<PublishedPort> Of(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
        Ports(PortElements(settings, addresses).Select(static element => element.Element));

    /// <summary>Takes back the ports of a network's attachments that are no longer valid.</summary>
    /// <returns>What was published.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<PublishedPort> RemoveAllBut(NftClient nft, GcScope valid) => Ports(RemoveWhere(nft, valid.IsGarbage));

    private static List<NftElement> RemoveWhere(NftClient nft, Predicate<string?> isGarbage) =>
        AttachmentElements.RemoveWhere(nft, [.. PortRuleset.ListPortMaps(nft), .. IpFamily.Both.Select(PortRuleset.Published)], isGarbage);

    /// <summary>Whether there are some and all are this attachment's.</summary>
    private bool IsWhole(NftClient nft, AttachmentElement[] elements) =>
        elements.Length > 0 && AttachmentElements.Find(nft, tag, elements).Count == elements.Length;

    /// <summary>What the ports of pods with some addresses rest on.</summary>
    public static PortRuleset SharedPart(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) => new(
        addresses,
        [
            .. from family in addresses.Select(static address => address.Family)
               where settings.Condition(family) is not null
               select (family, settings.Condition(family)!),
        ]);

    private static AttachmentElement[] Elements(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
    [
        .. addresses.Select(address => SignOf(address, settings.Masquerade switch
        {
            PortMasquerade.None => NftVerdict.Return,
            PortMasquerade.All => NftVerdict.Goto(PortRuleset.HairpinAll),
            _ => NftVerdict.Goto(PortRuleset.HairpinName(address)),
        })),
        .. PortElements(settings, addresses),
    ];

    private static AttachmentElement SignOf(IpPrefix address, NftVerdict verdict) => new(
        PortRuleset.Published(address.Family),
        new NftElement(NftValue.Of(address.Address)) { Verdict = verdict },
        IpText.Format(address.Address));

    private static List<AttachmentElement> PortElements(PortmapSettings settings, IReadOnlyList<IpPrefix> addresses) =>
    [
        .. from address in addresses
           from mapping in settings.Mappings
           where mapping.IsOf(address.Family)
           select ElementOf(mapping, address, settings.Condition(address.Family)) into element
           group element by (element.Set, element.Element.Key) into same
           select same.First(),
    ];

    private static AttachmentElement ElementOf(PortMapping mapping, IpPrefix address, PortCondition? condition) => new(
        mapping.OnlyAddress is null ? PortRuleset.PortMap(address.Family, condition) : PortRuleset.HostPortMap(address.Family, condition),
        new PublishedPort(mapping.OnlyAddress, mapping.Protocol, mapping.HostPort, address.Address, mapping.ContainerPort).ToElement(),
        mapping.ToString());

    private static List<PublishedPort> Ports(IEnumerable<NftElement> elements) =>
        [.. elements.Select(PublishedPort.Read).OfType<PublishedPort>()];

    /// <summary>
    /// A container publishes its ports once, whatever networks it is in: the first keeps them for as long as it is attached.
    /// </summary>
    private Contest Contest => new(
        (wanted, owner) => tag.IsOfSameContainer(owner.Comment) || (IsSign(wanted) && owner with { Comment = null } == wanted.Element),
        (wanted, owner) => IsSign(wanted)
            ? SharedAddress.Refuse("the target of published ports", tag, wanted, owner)
            : new CniException(
                CniErrorCode.AlreadyExists,
                $"network {tag.Network}: the host's {wanted.Name} is published by another container that is alive "
                + $"({ElementOwner.Describe(owner.Comment)}); "
                    + "choose another hostPort or remove that container"));

    private static bool IsSign(AttachmentElement element) => element.Element.Verdict is not null;
}
