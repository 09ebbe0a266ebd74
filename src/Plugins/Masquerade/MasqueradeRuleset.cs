using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using MasqueradeStatement = Netlink.Nftables.Expressions.Masquerade;

namespace Plugins.Masquerade;

/// <summary>
/// What the masquerade of all pods shares. A map per family leads from a pod's address to the chain of its subnet, so a packet costs
/// one lookup however many pods there are:
/// <code>
/// table inet cniplugin {
///     map masq4 { type ipv4_addr : verdict; elements = { 10.1.0.5 comment "tag names" : goto masq_10.1.0.0_16 } }
///     chain masq_10.1.0.0_16 { ip daddr 10.1.0.0/16 return; ip daddr 224.0.0.0/4 return; masquerade }
///     chain postrouting { type nat hook postrouting priority srcnat; ip saddr vmap @masq4; ip6 saddr vmap @masq6 }
/// }
/// </code>
/// </summary>
internal static class MasqueradeRuleset
{
    private static NftTable Table => NodeRuleset.TableOf(NftFamily.Inet);

    private static NftChain Postrouting =>
        new(Table, "postrouting") { Base = new NftBaseChain("nat", NftHook.Postrouting, NftPriority.SourceNat) };

    /// <summary>The map of a family.</summary>
    public static NftSet Map(IpFamily family) =>
        new(Table, $"masq{family.Version}", family.AddressType) { ValueType = NftDataType.Verdict };

    /// <summary>The chain of an address's subnet: <c>masq_10.1.0.0_16</c>, <c>masq_10.1.0.0_16_as_192.0.2.1_random</c>.</summary>
    public static string ChainName(IpPrefix address, MasqueradeSettings settings)
    {
        string name = NodeRuleset.ChainNameOf("masq", address);
        if (settings.Source(address.Family) is { } source)
            name += $"_as_{IpText.Format(source).Replace(':', '_')}";
        return settings.IsFullyRandom ? name + "_random" : name;
    }

    /// <summary>The part that some pods' addresses need: a chain for each of their subnets among it.</summary>
    public static NodeRuleset For(IReadOnlyList<IpPrefix> addresses, MasqueradeSettings settings) =>
        new(Table, [.. IpFamily.Both.Select(Map)], [.. Chains(addresses, settings)]);

    private static IEnumerable<(NftChain Chain, NftRule[] Rules)> Chains(IReadOnlyList<IpPrefix> addresses, MasqueradeSettings settings)
    {
        foreach (IpPrefix subnet in addresses.Select(static address => address.Masked).Distinct())
            yield return SubnetChain(subnet, settings);
        yield return
        (
            Postrouting,
            [.. IpFamily.Both.Select(static family =>
                new NftRule(Postrouting, [.. PacketMatch.SourceAddress(NftFamily.Inet, family), Lookup.Verdict(Map(family).Name)]))]
        );
    }

    private static (NftChain Chain, NftRule[] Rules) SubnetChain(IpPrefix subnet, MasqueradeSettings settings)
    {
        NftChain chain = new(Table, ChainName(subnet, settings));
        _ = IpPrefix.TryParse(subnet.IsIPv6 ? "ff00::/8" : "224.0.0.0/4", out IpPrefix multicast);
        return
        (
            chain,
            [
                new NftRule(chain, [.. IsDestination(subnet), new Immediate(NftVerdict.Return)]),
                new NftRule(chain, [.. IsDestination(multicast), new Immediate(NftVerdict.Return)]),
                new NftRule(chain, Leave(subnet.Family, settings)),
            ]
        );
    }

    // snat ip to 192.0.2.1 fully-random, or masquerade fully-random
    private static NftExpression[] Leave(IpFamily family, MasqueradeSettings settings)
    {
        NatFlags flags = settings.IsFullyRandom ? NatFlags.FullyRandom : NatFlags.None;
        return settings.Source(family) is { } source
            ? [new Immediate(NftValue.Of(source)), new Nat(NatType.Source, family.NftFamily) { Flags = flags }]
            : [new MasqueradeStatement { Flags = flags }];
    }

    private static NftExpression[] IsDestination(IpPrefix prefix)
    {
        NftExpression[] mask = prefix.Length == prefix.MaxLength ? [] : [new Bitwise(NftValue.PrefixMask(prefix))];
        NftExpression isNetwork = new Cmp(CmpOperation.Equal, NftValue.Of(prefix.Network));
        return [.. PacketMatch.DestinationAddress(NftFamily.Inet, prefix.Family), .. mask, isNetwork];
    }
}
