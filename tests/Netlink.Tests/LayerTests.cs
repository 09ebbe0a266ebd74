using TestKit;

namespace Netlink.Tests;

/// <summary>
/// The rooms of the library and what each may name. Arrows go down only: all stand on the wire format, the clients of a protocol on the
/// socket, and clients of different protocols know nothing of each other.
/// </summary>
public sealed class LayerTests
{
    private static readonly string[] Route = ["Netlink", "Netlink.Wire", "Netlink.Route", "Netlink.Route.*", "Linux", "Linux.*"];

    /// <summary>Namespaces that a folder with all below it may name; its own is always among them. The deepest entry counts.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Wire"] = [],
        [""] = ["Netlink", "Netlink.Wire", "Linux", "Linux.*"],
        ["Testing"] = ["Netlink", "Netlink.Wire", "Linux", "Linux.*"],
        ["Netfilter"] = ["Netlink", "Netlink.Wire", "Linux", "Linux.*"],
        ["Nftables"] = ["Netlink", "Netlink.Wire", "Netlink.Netfilter", "Netlink.Nftables.*", "Linux", "Linux.*"],
        ["Nftables/Expressions"] = ["Netlink", "Netlink.Wire", "Netlink.Netfilter", "Netlink.Nftables", "Linux", "Linux.*"],
        ["Conntrack"] = ["Netlink", "Netlink.Wire", "Netlink.Netfilter", "Linux", "Linux.*"],
        ["Generic"] = ["Netlink", "Netlink.Wire", "Linux", "Linux.*"],
        ["WireGuard"] = ["Netlink", "Netlink.Wire", "Netlink.Generic", "Linux", "Linux.*"],
        ["Route"] = Route,
        ["Route/Addresses"] = Route,
        ["Route/Events"] = Route,
        ["Route/Links"] = Route,
        ["Route/Neighbours"] = Route,
        ["Route/Routes"] = Route,
        ["Route/Rules"] = Route,
        ["Route/TrafficControl"] = Route,
    };

    // What the library and the projects above and below it are called; any other name is the runtime's.
    private static readonly string[] Ours =
        ["Netlink", "Linux", "Cni", "Ipam", "Dhcp", "Datapath", "Plugins", "CniPlugin", "TestKit", "Tmds"];

    [Fact]
    public void Every_folder_is_listed() => Assert.Equal(
        Rooms.Keys.Order(StringComparer.Ordinal),
        Files().Select(static file => Path.GetDirectoryName(file)!.Replace('\\', '/')).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void A_room_names_nothing_beside_or_above_it()
    {
        List<string> wrong = [.. Files().SelectMany(static file => Offences(file, File.ReadAllLines(Path.Combine(Source(), file))))];
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("Nftables/Expressions/Ct.cs", "using Netlink.Route;")]
    [InlineData("Nftables/Expressions/Ct.cs", "using static Netlink.Conntrack.ConntrackClient;")]
    [InlineData("Nftables/NftSet.cs", "using Neighbour = Netlink.Route.Neighbours.Neighbour;")]
    [InlineData("Conntrack/ConntrackEntry.cs", "    private Netlink.Nftables.NftFamily _family;")]
    [InlineData("Conntrack/ConntrackEntry.cs", "    private global::Netlink.Nftables.NftFamily _family;")]
    [InlineData("Conntrack/ConntrackEntry.cs", "    /// <see cref=\"Nftables.NftFamily\"/>")]
    [InlineData("Route/Links/Veth.cs", "    Nftables.NftFamily family = Nftables.NftFamily.Inet;")]
    [InlineData("Wire/NetlinkWriter.cs", "using Linux;")]
    [InlineData("Wire/NetlinkWriter.cs", "    public void Write(Linux.Addresses.MacAddress mac)")]
    [InlineData("NetlinkSocket.cs", "using Netlink.Route.Links;")]
    [InlineData("NetlinkSocket.cs", "using Plugins.Interfaces;")]
    [InlineData("Netfilter/NetfilterMessage.cs", "using Netlink.Nftables;")]
    [InlineData("Generic/GenericFamily.cs", "using Netlink.WireGuard;")]
    [InlineData("WireGuard/WireGuardClient.cs", "using Netlink.Route.Links;")]
    public void Breaking_the_rule_is_seen(string file, string line) => Assert.NotEmpty(Offences(file, [line]));

    [Theory]
    [InlineData("Route/Links/Veth.cs", "using Netlink.Route.Routes;")]
    [InlineData("Nftables/Expressions/Ct.cs", "using Netlink.Netfilter;")]
    [InlineData("Nftables/Expressions/Ct.cs", "    // Route and Conntrack are words, too. Netlink.Route is named in a comment.")]
    [InlineData("Nftables/Expressions/Ct.cs", "        string text = \"Netlink.Route\";")]
    [InlineData("NetlinkSocket.cs", "    NetlinkProtocol.Route => 1,")]
    public void What_is_allowed_is_not(string file, string line) => Assert.Empty(Offences(file, [line]));

    /// <summary>Lines that name a namespace which the file's room may not.</summary>
    private static IEnumerable<string> Offences(string file, string[] lines)
    {
        string room = Path.GetDirectoryName(file)!.Replace('\\', '/');
        string own = room.Length == 0 ? "Netlink" : $"Netlink.{room.Replace('/', '.')}";
        if (!Rooms.TryGetValue(room, out string[]? allowed))
            return [$"{file}: the folder \"{room}\" is not listed"];
        return from line in lines
               from name in Names(line)
               let used = NamespaceOf(name)
               where used is not null && used != own && !allowed.Any(pattern => Matches(pattern, used))
               select $"{file}: names {used}: {line.Trim()}";
    }

    private static bool Matches(string pattern, string used) => pattern.EndsWith(".*", StringComparison.Ordinal)
        ? used.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : used == pattern;

    /// <summary>The namespace at the start of a dotted name; inside of Netlink its rooms need no more than their last name.</summary>
    private static string? NamespaceOf(string name)
    {
        string[] parts = name.Split('.');
        if (Rooms.Keys.Any(room => room == parts[0]) && parts.Length > 1)
            parts = ["Netlink", .. parts];
        if (!Ours.Contains(parts[0]) || parts.Length < 2)
            return null;
        string found = parts[0];
        foreach (string part in parts[1..])
        {
            string longer = $"{found}.{part}";
            // Of other projects every part that can be a namespace: all but the last, which is the type, is enough.
            if (parts[0] == "Netlink" && !Rooms.Keys.Any(room => longer == $"Netlink.{room.Replace('/', '.')}"))
                break;
            found = longer;
        }
        return parts[0] == "Netlink" ? found : name;
    }

    /// <summary>Dotted names of a line of code; comments count only where a cref makes the compiler look.</summary>
    private static IEnumerable<string> Names(string line)
    {
        string code = line.Trim();
        if (code.StartsWith("///", StringComparison.Ordinal))
        {
            return code.Split("cref=\"")[1..].SelectMany(static cref => Dotted(cref.Split('"')[0]));
        }
        if (code.StartsWith("namespace ", StringComparison.Ordinal))
            return [];
        if (code.StartsWith("using ", StringComparison.Ordinal) && code.EndsWith(';') && !code.Contains('(', StringComparison.Ordinal))
        {
            // A directive names a namespace, or with "static" or an alias a type in it.
            string target = code["using ".Length..^1].Split('=')[^1].Replace("static ", "", StringComparison.Ordinal).Trim();
            return [target.Contains('.', StringComparison.Ordinal) ? target : target + ".Any"];
        }
        return Dotted(code.Split("//")[0]);
    }

    private static IEnumerable<string> Dotted(string code)
    {
        // Texts are no names.
        string[] pieces = code.Split('"');
        for (int i = 0; i < pieces.Length; i += 2)
        {
            foreach (string word in pieces[i].Replace("global::", "", StringComparison.Ordinal)
                .Split([.. pieces[i].Where(static c => !char.IsLetterOrDigit(c) && c is not '.' and not '_')]))
            {
                if (word.Contains('.', StringComparison.Ordinal) && !word.StartsWith('.'))
                    yield return word;
            }
        }
    }

    private static IEnumerable<string> Files() => Directory.GetFiles(Source(), "*.cs", SearchOption.AllDirectories)
        .Select(static file => Path.GetRelativePath(Source(), file))
        .Where(static file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal));

    private static string Source() => Path.Combine(SourceTree.Root, "src/Netlink");
}
