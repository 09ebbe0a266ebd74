using Cni;
using Plugins.Configuration;

namespace Plugins.Chained.Firewall;

/// <summary>A <c>firewall</c> configuration that has been found good.</summary>
internal sealed record FirewallSettings
{
    private const int DefaultMarkBit = 12;
    private const string DefaultAdminChain = "CNI-ADMIN";

    // XT_EXTENSION_MAXNAMELEN (linux/netfilter/x_tables.h) without the NUL.
    private const int MaxChainNameLength = 28;

    /// <summary>Whether firewalld is told of the pods if it runs.</summary>
    public required bool UsesFirewalld { get; init; }

    /// <summary>Whether it must run.</summary>
    public required bool NeedsFirewalld { get; init; }

    /// <summary>The zone whose sources pods become.</summary>
    public required string FirewalldZone { get; init; }

    /// <summary>The chain of iptables with the operators' rules, which are asked before a pod's packet may pass.</summary>
    public required string AdminChain { get; init; }

    public required IngressPolicy Policy { get; init; }

    /// <summary>The bit of a packet's mark that says "may pass": one bit is set.</summary>
    public required uint Mark { get; init; }

    /// <summary>Reads and checks a configuration.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static FirewallSettings Read(CniInvocation call)
    {
        FirewallConfig config = FirewallConfig.Read(call.Config());
        RulesetBackend.Check("backend", config.Backend, besides: "firewalld");
        return new FirewallSettings
        {
            UsesFirewalld = config.Backend is "" or "firewalld",
            NeedsFirewalld = config.Backend == "firewalld",
            FirewalldZone = config.FirewalldZone.Length == 0 ? "trusted" : config.FirewalldZone,
            AdminChain = CheckAdminChain(config.IptablesAdminChainName),
            Policy = config.IngressPolicy switch
            {
                "" or "open" => IngressPolicy.Open,
                "same-bridge" => IngressPolicy.SameBridge,
                "isolated" => IngressPolicy.Isolated,
                _ => throw CniException.InvalidConfig(
                    $"ingressPolicy is \"{config.IngressPolicy}\"; use \"open\", \"same-bridge\" or \"isolated\", or remove the key"),
            },
            Mark = (config.MarkForwardBit ?? DefaultMarkBit) is >= 0 and <= 31 and int bit
                ? 1u << bit
                : throw CniException.InvalidConfig(
                    $"markForwardBit is {config.MarkForwardBit}; a mark has the bits 0 to 31, and {DefaultMarkBit} is the default"),
        };
    }

    private static string CheckAdminChain(string name)
    {
        if (name.Length == 0)
            return DefaultAdminChain;
        string? problem = name switch
        {
            { Length: > MaxChainNameLength } => $"is longer than {MaxChainNameLength} characters",
            "INPUT" or "FORWARD" or "OUTPUT" => "is a chain of iptables itself",
            "ACCEPT" or "DROP" or "RETURN" or "QUEUE" => "is a target of iptables",
            ['-' or '!', ..] => "begins like an option of iptables",
            _ when name.AsSpan().ContainsAnyExceptInRange('!', '~') => "has a character that iptables does not take",
            _ => null,
        };
        return problem is null
            ? name
            : throw CniException.InvalidConfig(
                $"iptablesAdminChainName is \"{name}\", which {problem}; name a chain of your own, or remove the key");
    }
}
