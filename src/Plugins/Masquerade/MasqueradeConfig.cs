using System.Net;
using Cni;

namespace Plugins.Masquerade;

/// <summary>The keys about masquerade as they stand in a configuration; docs/bridge.md says what they mean.</summary>
internal sealed class MasqueradeConfig
{
    public bool IPMasq { get; private set; }

    public string IPMasqBackend { get; private set; } = "";

    public bool IPMasqFullyRandom { get; private set; }

    public IReadOnlyList<IPAddress> IPMasqSource { get; private set; } = [];

    /// <summary>Reads the member on which a cursor stands, if it is one of these.</summary>
    /// <returns>Whether it is.</returns>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public bool ReadMember(ref JsonCursor json)
    {
        if (json.Is("ipMasq"u8))
            IPMasq = json.Boolean();
        else if (json.Is("ipMasqBackend"u8))
            IPMasqBackend = json.String();
        else if (json.Is("ipMasqFullyRandom"u8))
            IPMasqFullyRandom = json.Boolean();
        else if (json.Is("ipMasqSource"u8))
            IPMasqSource = ReadAddresses(ref json);
        else
            return false;
        return true;
    }

    /// <summary>One address, or a list.</summary>
    private static List<IPAddress> ReadAddresses(ref JsonCursor json)
    {
        if (!json.IsArray)
            return json.Address() is { } only ? [only] : [];
        List<IPAddress> addresses = [];
        json.EnterArray();
        while (json.NextElement())
            addresses.Add(json.Address() ?? throw json.Invalid("an address"));
        return addresses;
    }
}
