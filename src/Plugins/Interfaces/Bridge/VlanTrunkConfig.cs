using Cni;

namespace Plugins.Interfaces.Bridge;

/// <summary>One entry of <c>vlanTrunk</c>: a VLAN, a range of VLANs, or both.</summary>
internal sealed class VlanTrunkConfig
{
    public int? MinId { get; private set; }

    public int? MaxId { get; private set; }

    public int? Id { get; private set; }

    /// <summary>Reads the list on which a cursor stands.</summary>
    public static IReadOnlyList<VlanTrunkConfig> ReadList(ref JsonCursor json)
    {
        List<VlanTrunkConfig> entries = [];
        json.EnterArray();
        while (json.NextElement())
        {
            VlanTrunkConfig entry = new();
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("minID"u8))
                    entry.MinId = json.Int32();
                else if (json.Is("maxID"u8))
                    entry.MaxId = json.Int32();
                else if (json.Is("id"u8))
                    entry.Id = json.Int32();
            }
            entries.Add(entry);
        }
        return entries;
    }
}
