using Cni;

namespace Plugins.Ipam.HostLocal;

/// <summary>One range of addresses.</summary>
internal sealed class RangeConfig
{
    // Text, since each key has an error message of its own.
    public string Subnet { get; private set; } = "";

    public string RangeStart { get; private set; } = "";

    public string RangeEnd { get; private set; } = "";

    public string Gateway { get; private set; } = "";

    /// <summary>Addresses and networks of the subnet that are not given.</summary>
    public IReadOnlyList<string> Exclude { get; private set; } = [];

    public bool IsEmpty => Subnet.Length + RangeStart.Length + RangeEnd.Length + Exclude.Count == 0;

    /// <summary>Reads a list of range sets. Where go-cni sends a range in place of a set, that range is a set.</summary>
    public static IReadOnlyList<IReadOnlyList<RangeConfig>> ReadSets(ref JsonCursor json)
    {
        List<IReadOnlyList<RangeConfig>> sets = [];
        json.EnterArray();
        while (json.NextElement())
        {
            List<RangeConfig> set = [];
            sets.Add(set);
            if (!json.IsArray)
            {
                set.Add(Read(ref json));
                continue;
            }
            json.EnterArray();
            while (json.NextElement())
                set.Add(Read(ref json));
        }
        return sets;
    }

    /// <summary>Reads the member on which a cursor stands, if it is one of a range.</summary>
    public void ReadMember(ref JsonCursor json)
    {
        if (json.Is("subnet"u8))
            Subnet = json.String();
        else if (json.Is("rangeStart"u8))
            RangeStart = json.String();
        else if (json.Is("rangeEnd"u8))
            RangeEnd = json.String();
        else if (json.Is("gateway"u8))
            Gateway = json.String();
        else if (json.Is("exclude"u8))
            Exclude = json.Strings();
    }

    private static RangeConfig Read(ref JsonCursor json)
    {
        RangeConfig range = new();
        json.EnterObject();
        while (json.NextMember())
            range.ReadMember(ref json);
        return range;
    }
}
