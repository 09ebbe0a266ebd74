using Cni;

namespace Plugins.Chained.Tuning;

/// <summary>
/// What <c>tuning</c> is to change, as it stands in the configuration and in its <c>args.cni</c>; docs/tuning.md says what it means.
/// </summary>
internal sealed class TuningKeys
{
    /// <summary>The members of <c>sysctl</c> in their order, duplicates included.</summary>
    public List<KeyValuePair<string, string>> Sysctl { get; } = [];

    public string Mac { get; private set; } = "";

    public bool Promisc { get; private set; }

    public int Mtu { get; private set; }

    public bool? AllMulti { get; private set; }

    public int? TxQLen { get; private set; }

    /// <summary>Reads the member on which a cursor stands.</summary>
    /// <returns>False if it is none of these.</returns>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public bool TryReadMember(ref JsonCursor json)
    {
        if (json.Is("sysctl"u8))
            ReadSysctl(ref json);
        else if (json.Is("mac"u8))
            Mac = json.String();
        else if (json.Is("promisc"u8))
            Promisc = json.Boolean();
        else if (json.Is("mtu"u8))
            Mtu = json.Int32();
        else if (json.Is("allmulti"u8))
            AllMulti = json.Boolean();
        else if (json.Is("txQLen"u8))
            TxQLen = json.Int32();
        else
            return false;
        return true;
    }

    private void ReadSysctl(ref JsonCursor json)
    {
        Sysctl.Clear();
        json.EnterObject();
        while (json.NextMember())
            Sysctl.Add(new(json.Key, json.String()));
    }
}
