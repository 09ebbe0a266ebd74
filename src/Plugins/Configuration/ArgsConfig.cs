using Cni;

namespace Plugins.Configuration;

/// <summary><c>args.cni</c>: what a caller asks of an attachment in its configuration (CONVENTIONS.md of the CNI specification).</summary>
internal static class ArgsConfig
{
    /// <summary>Reads <c>cni.ips</c> of the <c>args</c> on which a cursor stands; empty if it has none.</summary>
    public static IReadOnlyList<string> ReadIps(ref JsonCursor json)
    {
        List<string> ips = [];
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("cni"u8))
                continue;
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("ips"u8))
                    ips = json.Strings();
            }
        }
        return ips;
    }
}
