namespace EndToEnd.Conformance;

/// <summary>A network of one test: its number is in its name, its bridge and its subnets.</summary>
public sealed record TestNetwork(int Number)
{
    public string Name => $"net{Number}";

    public string Bridge => $"br{Number}";

    public string Subnet4 => $"10.{Number}.0.0/24";

    public string OtherSubnet4 => $"10.{Number}.1.0/24";

    public string Subnet6 => $"fd00:{Number}::/64";

    public string Gateway4 => $"10.{Number}.0.1";

    public string Gateway6 => $"fd00:{Number}::1";

    /// <summary>The ways to give out addresses that every verb must work with.</summary>
    public static IReadOnlyList<string> Layouts => ["v4", "v6", "dual", "two v4"];

    /// <summary>The first free addresses of a layout.</summary>
    public string[] FirstAddresses(string layout) => layout switch
    {
        "v4" => [$"10.{Number}.0.2/24"],
        "v6" => [$"fd00:{Number}::2/64"],
        "dual" => [$"10.{Number}.0.2/24", $"fd00:{Number}::2/64"],
        _ => [$"10.{Number}.0.2/24", $"10.{Number}.1.2/24"],
    };

    /// <summary>An <c>ipam</c> section.</summary>
    /// <param name="layout">One of <see cref="Layouts"/>.</param>
    /// <param name="keys">More members, without a comma in front.</param>
    public string Ipam(string layout = "v4", string keys = "") =>
        $$"""{ "type": "host-local", "ranges": {{Ranges(layout)}}{{Behind(keys)}} }""";

    /// <summary>A configuration of <c>bridge</c>, or of another plugin, which does not mind the bridge's name.</summary>
    /// <param name="keys">Its members but the ones that every configuration has, without a comma in front.</param>
    /// <param name="ipam">The section; null: one IPv4 subnet; "": none (layer 2).</param>
    /// <param name="version">cniVersion.</param>
    /// <param name="type">The plugin.</param>
    public string Config(string keys = "", string? ipam = null, string version = "1.1.0", string type = "bridge")
    {
        string section = ipam == "" ? "" : $""" "ipam": {ipam ?? Ipam()} """;
        return $$"""
            { "cniVersion": "{{version}}", "name": "{{Name}}", "type": "{{type}}",
            "bridge": "{{Bridge}}"{{Behind(keys)}}{{Behind(section)}} }
            """;
    }

    /// <summary>A configuration of <c>host-local</c> alone.</summary>
    public string HostLocal(string layout = "v4", string keys = "", string version = "1.1.0", string config = "") =>
        $$"""{ "cniVersion": "{{version}}", "name": "{{Name}}", "type": "host-local"{{Behind(config)}}, "ipam": {{Ipam(layout, keys)}} }""";

    /// <summary>A configuration of <c>static</c> alone, with the addresses that host-local would give first.</summary>
    public string Static(string layout, string version) => $$"""
        { "cniVersion": "{{version}}", "name": "{{Name}}", "type": "static", "ipam": { "type": "static", "addresses": [
          {{string.Join(", ", FirstAddresses(layout).Select(static address => $$"""{ "address": "{{address}}" }"""))}}] } }
        """;

    /// <summary>A configuration of a chained plugin.</summary>
    /// <param name="type">The plugin.</param>
    /// <param name="keys">Its members, without a comma in front.</param>
    /// <param name="version">cniVersion.</param>
    public string Chained(string type, string keys, string version = "1.1.0") =>
        $$"""{ "cniVersion": "{{version}}", "name": "{{Name}}", "type": "{{type}}"{{Behind(keys)}} }""";

    private string Ranges(string layout) => layout switch
    {
        "v4" => $$"""[[{ "subnet": "{{Subnet4}}" }]]""",
        "v6" => $$"""[[{ "subnet": "{{Subnet6}}" }]]""",
        "dual" => $$"""[[{ "subnet": "{{Subnet4}}" }], [{ "subnet": "{{Subnet6}}" }]]""",
        "two v4" => $$"""[[{ "subnet": "{{Subnet4}}" }], [{ "subnet": "{{OtherSubnet4}}" }]]""",
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "unknown layout"),
    };

    private static string Behind(string members) => string.IsNullOrWhiteSpace(members) ? "" : $", {members}";
}
