using Cni;
using Linux.Addresses;

namespace Plugins.Chained.Vrf;

/// <summary>The keys of the <c>vrf</c> plugin as they stand in the configuration.</summary>
internal sealed class VrfConfig
{
    public string VrfName { get; private set; } = "";

    public uint Table { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static VrfConfig Read(JsonCursor json)
    {
        VrfConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("vrfname"u8))
                config.VrfName = json.String();
            else if (json.Is("table"u8))
                config.Table = json.UInt32();
        }
        return config;
    }

    /// <summary>
    /// The name, for a DEL; null if there is none that an ADD can have used. A DEL that failed for it would keep the plugins before this
    /// one from being called.
    /// </summary>
    public static string? TryReadName(CniInvocation call)
    {
        try
        {
            string name = Read(call.Config()).VrfName;
            return InterfaceName.IsValid(name) ? name : null;
        }
        catch (CniException e)
        {
            call.Warn(e.Message);
            return null;
        }
    }
}
