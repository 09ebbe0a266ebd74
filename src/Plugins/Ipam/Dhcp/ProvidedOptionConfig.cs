using Cni;

namespace Plugins.Ipam.Dhcp;

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
