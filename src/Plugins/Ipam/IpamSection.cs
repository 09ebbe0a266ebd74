using Cni;

namespace Plugins.Ipam;

/// <summary>The member <c>ipam</c> of a configuration.</summary>
internal static class IpamSection
{
    /// <summary>Reads one text of it, whatever the other keys hold; "" if it is absent.</summary>
    /// <param name="json">Stands on the configuration.</param>
    /// <param name="key">Its name.</param>
    /// <exception cref="CniException">The value has the wrong type.</exception>
    public static string ReadString(JsonCursor json, ReadOnlySpan<byte> key)
    {
        string value = "";
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("ipam"u8))
                continue;
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is(key))
                    value = json.String();
            }
        }
        return value;
    }
}
