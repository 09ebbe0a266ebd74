using Cni;

namespace Plugins.Chained.Firewall;

/// <summary>The keys of the <c>firewall</c> plugin as they stand in the configuration; docs/firewall.md says what they mean.</summary>
internal sealed class FirewallConfig
{
    public string Backend { get; private set; } = "";

    public string FirewalldZone { get; private set; } = "";

    public string IptablesAdminChainName { get; private set; } = "";

    public string IngressPolicy { get; private set; } = "";

    /// <summary>Null if the key is absent.</summary>
    public int? MarkForwardBit { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static FirewallConfig Read(JsonCursor json)
    {
        FirewallConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("backend"u8))
                config.Backend = json.String();
            else if (json.Is("firewalldZone"u8))
                config.FirewalldZone = json.String();
            else if (json.Is("ingressPolicy"u8))
                config.IngressPolicy = json.String();
            else if (json.Is("markForwardBit"u8))
                config.MarkForwardBit = json.Int32();
            else if (json.Is("iptablesAdminChainName"u8))
                config.IptablesAdminChainName = json.String();
        }
        return config;
    }
}
