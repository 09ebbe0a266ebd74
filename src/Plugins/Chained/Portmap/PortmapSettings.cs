using System.Globalization;
using System.Net;
using Cni;
using Linux.Addresses;
using Plugins.Configuration;

namespace Plugins.Chained.Portmap;

/// <summary>A <c>portmap</c> configuration that has been found good.</summary>
internal sealed record PortmapSettings
{
    private const int MaxMarkBit = 31;

    /// <summary>Which connections are masqueraded on their way to a published port.</summary>
    public required PortMasquerade Masquerade { get; init; }

    /// <summary>
    /// The chain of iptables that the reference would have mark what is to be masqueraded; "" for none. It is not called.
    /// </summary>
    public required string ExternalSetMarkChain { get; init; }

    /// <summary>What a connection must meet, by family; null for nothing.</summary>
    public required PortCondition? Condition4 { get; init; }

    /// <inheritdoc cref="Condition4"/>
    public required PortCondition? Condition6 { get; init; }

    public required IReadOnlyList<PortMapping> Mappings { get; init; }

    /// <summary>What a connection of a family must meet; null for nothing.</summary>
    public PortCondition? Condition(IpFamily family) => family.IsIPv6 ? Condition6 : Condition4;

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static PortmapSettings Read(CniInvocation call)
    {
        PortmapConfig config = PortmapConfig.Read(call.Config());
        RulesetBackend.Check("backend", config.Backend);
        if (config.MarkMasqBit is < 0 or > MaxMarkBit)
        {
            throw CniException.InvalidConfig(
                $"markMasqBit is {config.MarkMasqBit.Value.ToString(CultureInfo.InvariantCulture)}, expected a number from 0 to "
                + $"{MaxMarkBit}");
        }
        PortMapping[] mappings = [.. config.PortMappings.Select(PortMapping.Check)];
        RequireOneTarget(mappings);
        return new PortmapSettings
        {
            Masquerade = !config.Snat ? PortMasquerade.None : config.MasqAll ? PortMasquerade.All : PortMasquerade.Neighbours,
            ExternalSetMarkChain = config.ExternalSetMarkChain,
            Condition4 = PortConditionParser.Parse("conditionsV4", config.ConditionsV4, IpFamily.IPv4),
            Condition6 = PortConditionParser.Parse("conditionsV6", config.ConditionsV6, IpFamily.IPv6),
            Mappings = mappings,
        };
    }

    /// <summary>Saying the same twice is fine; a port that leads to two places is not.</summary>
    private static void RequireOneTarget(PortMapping[] mappings)
    {
        Dictionary<(IpFamily, IPAddress?, PortProtocol, ushort), ushort> targets = [];
        foreach (IpFamily family in IpFamily.Both)
        {
            foreach (PortMapping mapping in mappings.Where(mapping => mapping.IsOf(family)))
            {
                (IpFamily, IPAddress?, PortProtocol, ushort) port = (family, mapping.OnlyAddress, mapping.Protocol, mapping.HostPort);
                if (!targets.TryAdd(port, mapping.ContainerPort) && targets[port] != mapping.ContainerPort)
                {
                    throw CniException.InvalidConfig(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"runtimeConfig.portMappings leads the host's {mapping} to two ports of the container, {targets[port]} and "
                            + $"{mapping.ContainerPort}; remove one"));
                }
            }
        }
    }
}
