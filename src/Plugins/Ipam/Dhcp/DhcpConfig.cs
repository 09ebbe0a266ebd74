using Cni;

namespace Plugins.Ipam.Dhcp;

/// <summary>The keys of <c>dhcp</c> as they stand in the configuration; docs/dhcp.md says what they mean.</summary>
internal sealed class DhcpConfig
{
    public bool HasSection { get; private set; }

    public string DaemonSocketPath { get; private set; } = "";

    public IReadOnlyList<ProvidedOptionConfig> Provide { get; private set; } = [];

    public IReadOnlyList<RequestedOptionConfig> Request { get; private set; } = [];

    public int? Priority { get; private set; }

    public bool IPv4 { get; private set; } = true;

    public bool IPv6 { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static DhcpConfig Read(JsonCursor json)
    {
        DhcpConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("ipam"u8))
                config.ReadSection(ref json);
        }
        return config;
    }

    private void ReadSection(ref JsonCursor json)
    {
        HasSection = true;
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("daemonSocketPath"u8))
                DaemonSocketPath = json.String();
            else if (json.Is("provide"u8))
                Provide = ProvidedOptionConfig.ReadList(ref json);
            else if (json.Is("request"u8))
                Request = RequestedOptionConfig.ReadList(ref json);
            else if (json.Is("priority"u8))
                Priority = json.Int32();
            else if (json.Is("ipv4"u8))
                IPv4 = json.Boolean();
            else if (json.Is("ipv6"u8))
                IPv6 = json.Boolean();
        }
    }
}
