using System.Text.RegularExpressions;
using System.Xml.Linq;
using TestKit;

namespace Plugins.Tests;

/// <summary>
/// Arrows go down only, between projects and between the rooms inside them (docs/design.md, "Layers"). Each folder with code is listed with
/// all that it may use; one that is not listed fails, and so does an arrow that is gone: the table is the truth.
/// </summary>
public sealed partial class LayerTests
{
    /// <summary>Each project of src with those that it may refer to.</summary>
    private static readonly Dictionary<string, string[]> s_projects = new()
    {
        ["Linux"] = [],
        ["Netlink"] = ["Linux"],
        ["Cni"] = ["Linux"],
        ["Ipam"] = ["Linux"],
        ["Dhcp"] = ["Netlink", "Cni"],
        ["Datapath"] = ["Netlink", "Cni", "Ipam"],
        ["Plugins"] = ["Datapath", "Dhcp"],
        ["CniPlugin"] = ["Plugins"],
        ["Cluster"] = ["Linux"],
        ["Agent"] = ["Cluster", "Datapath"],
        ["CniAgent"] = ["Agent"],
    };

    private static readonly string[] s_interface = ["Plugins.Interfaces", "Plugins.Configuration", "Plugins.Ipam"];

    /// <summary>Each room with the rooms of its own project that it may use; a room may always use itself.</summary>
    private static readonly Dictionary<string, string[]> s_rooms = new()
    {
        ["Linux"] = ["Linux.Files", "Linux.Processes"],
        ["Linux.Addresses"] = ["Linux"],
        ["Linux.Processes"] = ["Linux", "Linux.Files"],
        ["Linux.Files"] = ["Linux", "Linux.Processes"],
        ["Linux.Namespaces"] = ["Linux", "Linux.Files", "Linux.Processes"],
        ["Linux.Kernel"] = ["Linux", "Linux.Addresses", "Linux.Files"],
        ["Linux.Sockets"] = ["Linux", "Linux.Addresses", "Linux.Files", "Linux.Namespaces", "Linux.Processes"],

        ["Ipam"] = [],
        ["Ipam.Store"] = ["Ipam"],

        ["Dhcp.Messages"] = [],
        ["Dhcp.Client"] = ["Dhcp.Messages"],
        ["Dhcp.Daemon"] = ["Dhcp.Client", "Dhcp.Messages"],

        ["Datapath.Attachments"] = [],
        ["Datapath.Endpoints"] = ["Datapath.Attachments"],
        ["Datapath.Links"] = ["Datapath.Attachments"],
        ["Datapath.Node"] = ["Datapath.Attachments"],
        ["Datapath.Rulesets"] = ["Datapath.Attachments"],
        ["Datapath.Iptables"] = ["Datapath.Rulesets"],
        ["Datapath.Firewalld"] = [],
        ["Datapath.Reconciliation"] = [],

        ["Cluster.Objects"] = [],
        ["Cluster.Store"] = [],
        ["Cluster.Local"] = ["Cluster.Store"],
        ["Cluster.Etcd"] = ["Cluster.Store"],

        ["Agent.Configuration"] = [],
        ["Agent.Blocks"] = [],
        ["Agent.Overlay"] = ["Agent.Blocks"],
        ["Agent.Nodes"] = ["Agent.Blocks"],
        ["Agent.Networks"] = ["Agent.Blocks", "Agent.Configuration"],
        ["Agent"] = ["Agent.Blocks", "Agent.Configuration", "Agent.Networks", "Agent.Nodes", "Agent.Overlay"],
        ["Agent.Api"] = ["Agent", "Agent.Blocks", "Agent.Overlay"],

        ["CniAgent.Configuration"] = [],
        ["CniAgent.Completion"] = [],
        ["CniAgent.Manual"] = ["CniAgent.Configuration"],
        ["CniAgent.Mtu"] = [],
        ["CniAgent.Output"] = ["CniAgent.Mtu"],
        ["CniAgent.Commands"] =
            ["CniAgent.Completion", "CniAgent.Configuration", "CniAgent.Manual", "CniAgent.Mtu", "CniAgent.Output"],
        ["CniAgent"] = ["CniAgent.Commands", "CniAgent.Configuration"],

        ["Plugins.Configuration"] = [],
        ["Plugins.Masquerade"] = ["Plugins.Configuration"],
        ["Plugins.Migration"] = [],
        ["Plugins.Ipam"] = ["Plugins.Configuration"],
        ["Plugins.Ipam.Dhcp"] = ["Plugins.Ipam", "Plugins.Configuration"],
        ["Plugins.Ipam.HostLocal"] = ["Plugins.Ipam", "Plugins.Configuration"],
        ["Plugins.Ipam.Static"] = ["Plugins.Ipam", "Plugins.Configuration"],
        ["Plugins.Chained"] = ["Plugins.Configuration"],
        ["Plugins.Chained.Bandwidth"] = ["Plugins.Chained", "Plugins.Configuration"],
        ["Plugins.Chained.Endpoint"] = ["Plugins.Chained", "Plugins.Configuration"],
        ["Plugins.Chained.Firewall"] = ["Plugins.Chained", "Plugins.Configuration", "Plugins.Migration"],
        ["Plugins.Chained.Portmap"] = ["Plugins.Chained", "Plugins.Configuration", "Plugins.Migration"],
        ["Plugins.Chained.Sbr"] = ["Plugins.Chained", "Plugins.Configuration"],
        ["Plugins.Chained.Tuning"] = ["Plugins.Chained", "Plugins.Configuration"],
        ["Plugins.Chained.Vrf"] = ["Plugins.Chained", "Plugins.Configuration"],
        ["Plugins.Interfaces"] = ["Plugins.Configuration", "Plugins.Ipam"],
        ["Plugins.Interfaces.Bridge"] = [.. s_interface, "Plugins.Masquerade", "Plugins.Migration"],
        ["Plugins.Interfaces.Dummy"] = s_interface,
        ["Plugins.Interfaces.HostDevice"] = s_interface,
        ["Plugins.Interfaces.Ipvlan"] = s_interface,
        ["Plugins.Interfaces.Loopback"] = ["Plugins.Interfaces", "Plugins.Configuration"],
        ["Plugins.Interfaces.Macvlan"] = s_interface,
        ["Plugins.Interfaces.Ptp"] = [.. s_interface, "Plugins.Masquerade", "Plugins.Migration"],
        ["Plugins.Interfaces.Tap"] = s_interface,
        ["Plugins.Interfaces.Vlan"] = s_interface,
    };

    /// <summary>Rooms that put the others together, and may use all of their project: the roots of Plugins.</summary>
    private static readonly HashSet<string> s_roofs = ["Plugins"];

    // Netlink's rooms are looked at where its own tests are; the executable and Cni have one room each.
    private static readonly HashSet<string> s_elsewhere = ["Netlink", "Cni", "CniPlugin"];

    private const int FilesInARoom = 40;

    [Fact]
    public void Projects_refer_to_those_below_alone()
    {
        string[] projects = [.. Directory.GetFiles(Source, "*.csproj", SearchOption.AllDirectories)];
        Assert.Equal(s_projects.Keys.Order(), projects.Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(projects, project => Assert.Equal(
            s_projects[Path.GetFileNameWithoutExtension(project)].Order(),
            XDocument.Load(project).Descendants("ProjectReference")
                .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)).Order()));
    }

    [Fact]
    public void Rooms_use_those_below_alone() => Assert.All(Rooms(), room =>
    {
        Assert.True(s_rooms.ContainsKey(room.Key) || s_roofs.Contains(room.Key), $"{room.Key} is not listed here");
        if (s_roofs.Contains(room.Key))
            return;
        Assert.All(room, file => Assert.All(UsesOf(file, Project(room.Key)), used => Assert.True(
            used == room.Key || s_rooms[room.Key].Contains(used), $"{Path.GetRelativePath(Source, file)} uses {used}")));
    });

    [Fact]
    public void Every_room_that_is_listed_exists() =>
        Assert.Empty(s_rooms.Keys.Except(Rooms().Select(static room => room.Key)));

    // A file in a room sees what lies under the roof without a using.
    [Fact]
    public void Rooms_do_not_name_what_lies_under_their_roof() => Assert.All(s_roofs, roof =>
    {
        IEnumerable<string> roofFiles = Directory.GetFiles(Path.Combine(Source, roof), "*.cs");
        string[] types = [.. roofFiles.Select(static file => Path.GetFileNameWithoutExtension(file))];
        Assert.NotEmpty(types);
        IEnumerable<string> files = Rooms()
            .Where(room => room.Key.StartsWith($"{roof}.", StringComparison.Ordinal))
            .SelectMany(static room => room);
        Assert.All(files, file => Assert.DoesNotContain(types, type => Regex.IsMatch(CodeOf(file), $@"\b{type}\b")));
    });

    [Fact]
    public void No_folder_holds_more_files_than_a_reader_takes_in() => Assert.All(
        Directory.GetFiles(Source, "*.cs", SearchOption.AllDirectories).Where(IsSource).GroupBy(Path.GetDirectoryName),
        static folder => Assert.True(folder.Count() <= FilesInARoom, $"{folder.Key} holds {folder.Count()} files"));

    [Fact]
    public void Namespaces_are_those_of_the_folders() => Assert.All(
        Directory.GetFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(IsSource).Where(static file => Path.GetFileName(file) != "Program.cs"),
        static file => Assert.Contains($"namespace {RoomOf(file)};", File.ReadLines(file)));

    private static IEnumerable<IGrouping<string, string>> Rooms() => Directory.GetFiles(Source, "*.cs", SearchOption.AllDirectories)
        .Where(IsSource)
        .GroupBy(RoomOf)
        .Where(static room => !s_elsewhere.Contains(Project(room.Key)));

    private static string RoomOf(string file) => Path.GetRelativePath(Source, Path.GetDirectoryName(file)!).Replace('/', '.');

    private static string Project(string room) => room.Split('.')[0];

    private static bool IsSource(string file) =>
        !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    /// <summary>The rooms of a project that a file names, in a using or in full.</summary>
    private static IEnumerable<string> UsesOf(string file, string project)
    {
        string code = CodeOf(file);
        return s_rooms.Keys.Concat(s_roofs)
            .Where(room => Project(room) == project && room != RoomOf(file))
            .Where(room => Regex.IsMatch(code, $@"^using {Regex.Escape(room)};", RegexOptions.Multiline)
                || Regex.IsMatch(
                    code, $@"(?<!^using |namespace |[.\w]){Regex.Escape(room)}\.(?!{Children(room)})[A-Z]", RegexOptions.Multiline));
    }

    /// <summary>A pattern of the names of the rooms inside a room, which do not count as its own.</summary>
    private static string Children(string room)
    {
        IEnumerable<string> inside = s_rooms.Keys.Where(other => other.StartsWith($"{room}.", StringComparison.Ordinal));
        return string.Join('|', inside.Select(other => $@"{other[(room.Length + 1)..].Split('.')[0]}\b").Append("$^"));
    }

    private static string CodeOf(string file) => Comments().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    private static string Source { get; } = Path.Combine(SourceTree.Root, "src");
}
