using Cni;

namespace Plugins.Ipam.Dhcp;

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
