using Cni;

namespace Plugins.Interfaces.Vlan;

/// <summary>The keys of the <c>vlan</c> plugin as they stand in the configuration; docs/vlan.md says what they mean.</summary>
internal sealed class VlanConfig
{
    public MasterConfig Link { get; } = new();

    /// <summary><c>vlanId</c>.</summary>
    public int Id { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static VlanConfig Read(JsonCursor json)
    {
        VlanConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("vlanId"u8))
                config.Id = json.Int32();
            else
                _ = config.Link.ReadMember(ref json);
        }
        return config;
    }
}
