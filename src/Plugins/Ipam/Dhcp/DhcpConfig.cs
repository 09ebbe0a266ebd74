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

/// <summary>One entry of <c>provide</c>.</summary>
internal sealed class ProvidedOptionConfig
{
    public string Option { get; private set; } = "";

    public string Value { get; private set; } = "";

    public string FromArg { get; private set; } = "";

    /// <summary>Reads the list on which a cursor stands.</summary>
    public static IReadOnlyList<ProvidedOptionConfig> ReadList(ref JsonCursor json)
    {
        List<ProvidedOptionConfig> entries = [];
        json.EnterArray();
        while (json.NextElement())
        {
            ProvidedOptionConfig entry = new();
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("option"u8))
                    entry.Option = json.String();
                else if (json.Is("value"u8))
                    entry.Value = json.AnyString(); // An option is bytes; a client identifier begins with a type that may be 0.
                else if (json.Is("fromArg"u8))
                    entry.FromArg = json.String();
            }
            entries.Add(entry);
        }
        return entries;
    }
}

/// <summary>One entry of <c>request</c>.</summary>
internal sealed class RequestedOptionConfig
{
    public string Option { get; private set; } = "";

    public bool SkipDefault { get; private set; }

    /// <summary>Reads the list on which a cursor stands.</summary>
    public static IReadOnlyList<RequestedOptionConfig> ReadList(ref JsonCursor json)
    {
        List<RequestedOptionConfig> entries = [];
        json.EnterArray();
        while (json.NextElement())
        {
            RequestedOptionConfig entry = new();
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("option"u8))
                    entry.Option = json.String();
                else if (json.Is("skipDefault"u8))
                    entry.SkipDefault = json.Boolean();
            }
            entries.Add(entry);
        }
        return entries;
    }
}
