using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;
using Netlink.Wire;

namespace Netlink.Tests.Route;

/// <summary>Messages recorded from ip, bridge and tc: sections headed <c>== command</c>, hexadecimal with a comment per field.</summary>
internal static class GoldenFile
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Route", "Golden");

    /// <summary>The commands of a file with the bytes that were sent or received.</summary>
    public static Dictionary<string, byte[]> Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".txt"))
        .Split("\n== ")[1..]
        .Select(static section => section.Split('\n', 2))
        .ToDictionary(static section => section[0], static section => Hex.Parse(section[1]));

    /// <summary>What a recorded answer is parsed to.</summary>
    public static List<T> Parse<T>(byte[] answer, NetlinkSocket.AnswerParser<T> parse)
        where T : class
    {
        List<T> items = [];
        MessageReader messages = new(answer);
        while (messages.MoveNext())
        {
            if (parse(messages.Type, messages.Payload) is { } item)
                items.Add(item);
        }
        return items;
    }

    /// <summary>
    /// A request as lines: its type and flags, its fixed header, and one line for each attribute in the order of their numbers. The order
    /// of attributes in the message, NLA_F_NESTED, empty nests and the NUL behind a kind mean nothing to rtnetlink, and differ between
    /// ip and us; sequence numbers and the numbers of file descriptors differ between any two runs.
    /// </summary>
    public static string Describe(ReadOnlySpan<byte> request)
    {
        MessageReader messages = new(request);
        Assert.True(messages.MoveNext());
        int headerSize = messages.Type switch
        {
            < 20 or RouteMessageType.NewLinkProperty or RouteMessageType.DeleteLinkProperty => LinkMessage.HeaderSize,
            < 24 => 8,
            >= RouteMessageType.NewQdisc => TrafficControlMessage.HeaderSize,
            _ => 12,
        };
        string header = Convert.ToHexString(messages.Payload[..headerSize]);
        List<string> lines = [$"type {messages.Type}, flags {(int)messages.Flags:x}, header {header}"];
        string family =
            headerSize == LinkMessage.HeaderSize ? messages.Payload[0] == MessageFamily.Bridge ? "bridge" : "link" : $"{messages.Type / 4}";
        Describe(new AttributeReader(messages.Payload[headerSize..]), family, lines);
        Assert.False(messages.MoveNext());
        return string.Join('\n', lines);
    }

    private static void Describe(AttributeReader attributes, string path, List<string> lines)
    {
        List<(int Type, List<string> Lines)> found = [];
        string kind = "";
        while (attributes.MoveNext())
        {
            string inner = $"{path}/{attributes.Type}";
            List<string> content = [];
            switch (inner)
            {
                case "link/18" or "link/18/2" or "link/18/5" or "link/26" or "link/26/10" or "bridge/26" or "6/8" or "11/2":
                    // A kind's own attributes need its name to be told apart.
                    Describe(attributes.ReadNest(), inner + (inner == "link/18/2" ? kind : ""), content);
                    break;
                case "link/18/2veth/1":
                    content.Add($"{inner} header {Convert.ToHexString(attributes.Value[..LinkMessage.HeaderSize])}");
                    List<string> peer = [];
                    Describe(new AttributeReader(attributes.Value[LinkMessage.HeaderSize..]), "link", peer);
                    content.AddRange(peer.Select(line => $"{inner} {line}"));
                    break;
                case "link/18/1":
                    kind = attributes.ReadString();
                    content.Add($"{inner} {kind}");
                    break;
                case "link/28":
                    content.Add($"{inner} (a file descriptor)");
                    break;
                default:
                    content.Add($"{inner} {Convert.ToHexString(attributes.Value)}");
                    break;
            }
            found.Add((attributes.Type, content));
        }
        foreach ((_, List<string> content) in found.OrderBy(static attribute => attribute.Type))
            lines.AddRange(content);
    }
}
