using System.Globalization;
using Cni;

namespace Plugins.Interfaces.Bridge;

/// <summary>Consecutive VLAN IDs, both ends included (IEEE 802.1Q: 1 to 4094).</summary>
internal readonly record struct VlanRange(int First, int Last)
{
    private const int MinId = 1;
    private const int MaxId = 4094;

    /// <summary>The union of the entries of <c>vlanTrunk</c> as the fewest ranges, ascending.</summary>
    /// <exception cref="CniException">An entry is out of range or half given.</exception>
    public static IReadOnlyList<VlanRange> FromTrunk(IReadOnlyList<VlanTrunkConfig> entries)
    {
        bool[] members = new bool[MaxId + 2];
        for (int i = 0; i < entries.Count; i++)
        {
            VlanTrunkConfig entry = entries[i];
            string key = string.Create(CultureInfo.InvariantCulture, $"vlanTrunk[{i}]");
            if (entry.Id is { } id)
                members[Check($"{key}.id", id)] = true;
            if (entry.MinId is null != entry.MaxId is null)
            {
                throw CniException.InvalidConfig(entry.MinId is null
                    ? $"{key}: maxID is {entry.MaxId} and minID is missing; give both, or id for a single VLAN"
                    : $"{key}: minID is {entry.MinId} and maxID is missing; give both, or id for a single VLAN");
            }
            if (entry is { MinId: { } min, MaxId: { } max })
            {
                if (Check($"{key}.maxID", max) < Check($"{key}.minID", min))
                    throw CniException.InvalidConfig($"{key}: maxID {max} is below minID {min}");
                Array.Fill(members, true, min, max - min + 1);
            }
        }
        return Runs(members);
    }

    private static List<VlanRange> Runs(bool[] members)
    {
        List<VlanRange> ranges = [];
        for (int id = MinId; id <= MaxId; id++)
        {
            if (!members[id])
                continue;
            int first = id;
            while (members[id + 1])
                id++;
            ranges.Add(new VlanRange(first, id));
        }
        return ranges;
    }

    private static int Check(string key, int id) => id is >= MinId and <= MaxId
        ? id
        : throw CniException.InvalidConfig(string.Create(CultureInfo.InvariantCulture, $"{key} is {id}; a VLAN ID is {MinId} to {MaxId}"));
}
