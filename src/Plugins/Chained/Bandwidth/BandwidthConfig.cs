using Cni;

namespace Plugins.Chained.Bandwidth;

/// <summary>
/// The keys of the <c>bandwidth</c> plugin, from the configuration itself or, where it has none of them, from what the runtime asks for
/// (capability <c>bandwidth</c>); docs/bandwidth.md says what they mean.
/// </summary>
internal sealed class BandwidthConfig
{
    private BandwidthConfig(string path) => Path = path;

    /// <summary>What stands before the keys in messages: where they were read.</summary>
    public string Path { get; }

    /// <summary>Bits in a second.</summary>
    public ulong IngressRate { get; private set; }

    /// <summary>Bits.</summary>
    public ulong IngressBurst { get; private set; }

    /// <summary>Bits in a second.</summary>
    public ulong EgressRate { get; private set; }

    /// <summary>Bits.</summary>
    public ulong EgressBurst { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static BandwidthConfig Read(JsonCursor json)
    {
        BandwidthConfig own = new(""), runtime = new("runtimeConfig.bandwidth.");
        bool hasOwn = false;
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("runtimeConfig"u8))
                runtime.ReadRuntimeConfig(ref json);
            else
                hasOwn |= own.ReadMember(ref json);
        }
        return hasOwn ? own : runtime;
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("bandwidth"u8))
                continue;
            json.EnterObject();
            while (json.NextMember())
                _ = ReadMember(ref json);
        }
    }

    private bool ReadMember(ref JsonCursor json)
    {
        if (json.Is("ingressRate"u8))
            IngressRate = json.UInt64();
        else if (json.Is("ingressBurst"u8))
            IngressBurst = json.UInt64();
        else if (json.Is("egressRate"u8))
            EgressRate = json.UInt64();
        else if (json.Is("egressBurst"u8))
            EgressBurst = json.UInt64();
        else
            return false;
        return true;
    }
}
