using Cni;

namespace Plugins.Ipam.Static;

/// <summary>One entry of <c>addresses</c>.</summary>
internal sealed class StaticAddressConfig
{
    // Text, since each key has an error message of its own.
    public string Address { get; private set; } = "";

    public string Gateway { get; private set; } = "";

    /// <summary>Reads the list on which a cursor stands.</summary>
    public static IReadOnlyList<StaticAddressConfig> ReadList(ref JsonCursor json)
    {
        List<StaticAddressConfig> entries = [];
        json.EnterArray();
        while (json.NextElement())
        {
            StaticAddressConfig entry = new();
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("address"u8))
                    entry.Address = json.String();
                else if (json.Is("gateway"u8))
                    entry.Gateway = json.String();
            }
            entries.Add(entry);
        }
        return entries;
    }
}
