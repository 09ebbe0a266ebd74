using System.Net;
using System.Text.Json;
using Linux.Addresses;

namespace EndToEnd.Sandbox;

/// <summary>A configuration list whose first plugin is bridge or ptp, and what its pods must therefore be able to do.</summary>
public sealed class PodNetwork
{
    private readonly JsonElement _plugin;

    public PodNetwork(string text)
    {
        Text = text;
        using JsonDocument document = JsonDocument.Parse(text);
        Name = document.RootElement.GetProperty("name").GetString()!;
        _plugin = document.RootElement.GetProperty("plugins")[0].Clone();
        Gateways = [.. IsPtp || IsSet("isGateway") || IsSet("isDefaultGateway") ? Ranges().Select(Gateway) : []];
    }

    /// <summary>The configuration list as it is given to the runtime.</summary>
    public string Text { get; }

    public string Name { get; }

    public bool IsMasqueraded => IsSet("ipMasq");

    /// <summary>The node's addresses towards the pods, one per range set.</summary>
    public IReadOnlyList<IPAddress> Gateways { get; }

    /// <summary>
    /// Asserts for two pods, the first ones of their network, that our plugins attached them, and that they reach each other, their
    /// gateways and, where the network masquerades, the outside world, which sees the node. Every echo request is sent once: the first must
    /// be answered.
    /// </summary>
    public void AssertServes(RuntimeSandbox sandbox, Pod first, Pod second)
    {
        OurPlugins.AssertAttached(sandbox, Name, first, IsMasqueraded);
        OurPlugins.AssertAttached(sandbox, Name, second, IsMasqueraded);
        foreach (IPAddress gateway in Gateways)
        {
            first.AssertReaches(IpText.Format(gateway));
            first.AssertReaches(second.Address(gateway.Family));
        }

        if (!IsMasqueraded)
            return;
        OutsideWorld outside = OutsideWorld.CreateIn(sandbox);
        foreach (IPAddress gateway in Gateways)
        {
            first.AssertReaches(gateway.IsIPv6 ? OutsideWorld.Address6 : OutsideWorld.Address4);
            Assert.Equal([gateway.IsIPv6 ? OutsideWorld.NodeAddress6 : OutsideWorld.NodeAddress4], outside.TakePingSources());
        }
    }

    private bool IsPtp => _plugin.GetProperty("type").GetString() == "ptp";

    private IEnumerable<JsonElement> Ranges() =>
        _plugin.GetProperty("ipam").TryGetProperty("ranges", out JsonElement ranges)
            ? ranges.EnumerateArray().Select(static set => set[0])
            : [];

    private bool IsSet(string key) => _plugin.TryGetProperty(key, out JsonElement value) && value.GetBoolean();

    // Without a gateway of its own, a range's gateway is the subnet's first address.
    private static IPAddress Gateway(JsonElement range)
    {
        if (range.TryGetProperty("gateway", out JsonElement gateway))
            return IPAddress.Parse(gateway.GetString()!);
        Assert.True(IpPrefix.TryParse(range.GetProperty("subnet").GetString(), out IpPrefix subnet));
        return IpText.FromUInt128(subnet.Network.ToUInt128() + 1, subnet.Family);
    }
}
