using System.Net;
using Cni;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Portmap;

/// <summary>
/// Reads conditions in iptables' syntax, as the reference hands them to iptables behind <c>-p</c> and the ports of the mapping: options,
/// each with <c>!</c> in front to turn it round, and with one value or several (<c>-s 10.0.0.0/8,192.168.0.0/16</c>).
/// </summary>
internal sealed class IptablesConditionParser
{
    // linux/in.h
    private const byte IPPROTO_TCP = 6;
    private const byte IPPROTO_UDP = 17;
    private const byte IPPROTO_SCTP = 132;

    // The ports of TCP, UDP and SCTP.
    private const int SourcePort = 0;
    private const int DestinationPort = 2;

    private readonly string _key;
    private readonly IpFamily _family;
    private readonly List<string> _tokens;
    private int _next;

    // What iptables would have loaded with -m, since some options belong to several extensions.
    private string _extension = "";

    private IptablesConditionParser(string key, IReadOnlyList<string> items, IpFamily family) =>
        (_key, _family, _tokens) = (key, family, Split(items));

    /// <inheritdoc cref="PortConditionParser.Parse"/>
    public static PortCondition Parse(string key, IReadOnlyList<string> items, IpFamily family) =>
        new IptablesConditionParser(key, items, family).Read();

    private PortCondition Read()
    {
        List<List<NftExpression>> alternatives = [[]];
        while (_next < _tokens.Count)
        {
            List<NftExpression[]> match = ReadOption();
            alternatives = [.. from alternative in alternatives from more in match select (List<NftExpression>)[.. alternative, .. more]];
        }
        return new PortCondition(string.Join(' ', _tokens), alternatives);
    }

    /// <returns>The alternatives of which one must hold.</returns>
    private List<NftExpression[]> ReadOption()
    {
        string option = Take();
        bool negated = option == "!";
        if (negated)
            option = Take();
        return option switch
        {
            "-s" or "--source" or "--src" => Prefixes(negated, static prefix => PacketMatch.SourceIn(NftFamily.Inet, prefix)),
            "-d" or "--destination" or "--dst" => Prefixes(negated, static prefix => PacketMatch.DestinationIn(NftFamily.Inet, prefix)),
            "-p" or "--protocol" or "--proto" => Value(negated, PacketMatch.TransportProtocol(Protocol(Take()))),
            "-i" or "--in-interface" => Interface(negated, MetaKey.InputInterfaceName),
            "-o" or "--out-interface" => Interface(negated, MetaKey.OutputInterfaceName),
            "--sport" or "--source-port" or "--sports" or "--source-ports" => Ports(negated, SourcePort),
            "--dport" or "--destination-port" or "--dports" or "--destination-ports" => Ports(negated, DestinationPort),
            "--src-range" => Range(negated, PacketMatch.SourceAddress(NftFamily.Inet, _family)),
            "--dst-range" => Range(negated, PacketMatch.DestinationAddress(NftFamily.Inet, _family)),
            "--mark" => Mark(negated),
            "--src-type" => AddressType(negated, FibFlags.SourceAddress),
            "--dst-type" => AddressType(negated, FibFlags.DestinationAddress),
            "--ctstate" or "--state" => State(negated),
            "-m" or "--match" when !negated => Extension(Take()),
            "--comment" when !negated => Comment(),
            _ => throw Refused(option, $"has no equivalent in nftables here; {Known}"),
        };
    }

    private const string Known = "use -s, -d, -p, -i, -o, --sport, --dport, -m multiport, mark, connmark, addrtype, iprange, conntrack, "
        + "or write the condition in nft's syntax";

    private List<NftExpression[]> Extension(string name)
    {
        _extension = name;
        return name switch
        {
            "tcp" or "udp" or "sctp" => [PacketMatch.TransportProtocol(Protocol(name))],
            "multiport" or "mark" or "connmark" or "addrtype" or "iprange" or "conntrack" or "state" or "comment" => Always,
            _ => throw Refused(name, $"is an extension that has no equivalent in nftables here; {Known}"),
        };
    }

    private List<NftExpression[]> Comment()
    {
        _ = Take();
        return Always;
    }

    private List<NftExpression[]> Prefixes(bool negated, Func<IpPrefix, NftExpression[]> match)
    {
        IpPrefix[] prefixes = [.. Take().Split(',').Select(Prefix)];
        return Array.Exists(prefixes, static prefix => prefix.Length == 0)
            ? negated ? throw Never() : Always
            : OneOf(negated, prefixes.Select(match));
    }

    private static List<NftExpression[]> OneOf(bool negated, IEnumerable<NftExpression[]> matches) =>
        negated ? [[.. matches.SelectMany(PortConditionValue.Negate)]] : [.. matches];

    private static List<NftExpression[]> Value(bool negated, NftExpression[] match) => [negated ? PortConditionValue.Negate(match) : match];

    private List<NftExpression[]> Interface(bool negated, MetaKey key)
    {
        string name = Take();
        if (name == "+")
            return negated ? throw Never() : Always;
        return PortConditionValue.InterfaceName(name, wildcard: '+') is { } value
            ? Value(negated, [new Meta(key), new Cmp(CmpOperation.Equal, value)])
            : throw Refused(name, "is no name of an interface");
    }

    // --dport 80, --dport 80:90, --dports 80,443,8000:8080
    private List<NftExpression[]> Ports(bool negated, int offset)
    {
        NftExpression[] load = [new Payload(PayloadBase.Transport, offset, sizeof(ushort))];
        return Ranges(negated, load, [.. Take().Split(',').Select(ReadPorts)]);
    }

    private (NftValue First, NftValue Last) ReadPorts(string text)
    {
        string[] ends = text.Split(':', 2);
        // An end that is left out is the first or last port there is.
        ushort first = ends[0].Length == 0 && ends.Length == 2 ? (ushort)0 : Port(ends[0]);
        ushort last = ends is [_, ""] ? ushort.MaxValue : Port(ends[^1]);
        return first <= last ? (NftValue.Port(first), NftValue.Port(last)) : throw Refused(text, "ends before it begins");
    }

    private List<NftExpression[]> Range(bool negated, NftExpression[] load)
    {
        string text = Take();
        string[] ends = text.Split('-', 2);
        IPAddress first = Address(ends[0]), last = Address(ends[^1]);
        return first.GetAddressBytes().AsSpan().SequenceCompareTo(last.GetAddressBytes()) <= 0
            ? Ranges(negated, load, [(NftValue.Of(first), NftValue.Of(last))])
            : throw Refused(text, "ends before it begins");
    }

    /// <summary>In one of some ranges; or in none, which is before or behind each of them.</summary>
    private static List<NftExpression[]> Ranges(bool negated, NftExpression[] load, (NftValue First, NftValue Last)[] ranges)
    {
        if (!negated)
        {
            return
            [
                .. ranges.Select(range => range.First == range.Last
                    ? (NftExpression[])[.. load, new Cmp(CmpOperation.Equal, range.First)]
                    : [.. load, new Cmp(CmpOperation.GreaterOrEqual, range.First), new Cmp(CmpOperation.LessOrEqual, range.Last)]),
            ];
        }
        List<NftExpression[]> alternatives = [[]];
        foreach ((NftValue first, NftValue last) in ranges)
        {
            NftExpression[][] outside = first == last
                ? [[.. load, new Cmp(CmpOperation.NotEqual, first)]]
                : [[.. load, new Cmp(CmpOperation.Less, first)], [.. load, new Cmp(CmpOperation.Greater, last)]];
            alternatives = [.. from alternative in alternatives from more in outside select (NftExpression[])[.. alternative, .. more]];
        }
        return alternatives;
    }

    // --mark 0x10, --mark 0x10/0xff
    private List<NftExpression[]> Mark(bool negated)
    {
        string text = Take();
        string[] parts = text.Split('/', 2);
        uint? read = parts is [_, var second] ? PortConditionValue.Number(second) : uint.MaxValue;
        if (PortConditionValue.Number(parts[0]) is not { } value || read is not { } mask)
            throw Refused(text, "is no number of 32 bits, nor two with a slash between");
        NftExpression load = _extension == "connmark" ? new Ct(CtKey.Mark) : new Meta(MetaKey.Mark);
        NftExpression[] bits = mask == uint.MaxValue ? [] : [new Bitwise(NftValue.OfUInt32(mask))];
        return Value(negated, [load, .. bits, new Cmp(CmpOperation.Equal, NftValue.OfUInt32(value))]);
    }

    private List<NftExpression[]> AddressType(bool negated, FibFlags flags) => OneOf(negated, Take().Split(',').Select(text =>
        (NftExpression[])[new Fib(FibResult.AddressType, flags), new Cmp(CmpOperation.Equal, NftValue.OfUInt32(TypeNumber(text)))]));

    // RTN_*, linux/rtnetlink.h
    private uint TypeNumber(string text) => text.ToUpperInvariant() switch
    {
        "UNICAST" => 1,
        "LOCAL" => 2,
        "BROADCAST" => 3,
        "ANYCAST" => 4,
        "MULTICAST" => 5,
        "BLACKHOLE" => 6,
        "UNREACHABLE" => 7,
        "PROHIBIT" => 8,
        _ => throw Refused(text, "is no type of address that nftables knows"),
    };

    private List<NftExpression[]> State(bool negated)
    {
        CtState states = Take().Split(',').Aggregate((CtState)0, (bits, text) => bits | text.ToUpperInvariant() switch
        {
            "INVALID" => CtState.Invalid,
            "NEW" => CtState.New,
            "ESTABLISHED" => CtState.Established,
            "RELATED" => CtState.Related,
            "UNTRACKED" => CtState.Untracked,
            _ => throw Refused(text, "is no state of a connection that nftables knows"),
        });
        NftExpression[] match = PacketMatch.ConnectionState(states);
        // It compares with none of the bits.
        return [negated ? [.. match[..^1], (Cmp)match[^1] with { Comparison = CmpOperation.Equal }] : match];
    }

    private static List<NftExpression[]> Always => [[]];

    private IpPrefix Prefix(string text) => PortConditionValue.Prefix(text, _family)
        ?? throw Refused(text, $"is no {(_family.IsIPv6 ? "IPv6" : "IPv4")} address or prefix");

    private IPAddress Address(string text) => IpText.TryParse(text, out IPAddress address) && address.Family == _family
        ? address
        : throw Refused(text, $"is no {(_family.IsIPv6 ? "IPv6" : "IPv4")} address");

    private ushort Port(string text) => PortConditionValue.Number(text) is <= ushort.MaxValue and { } port
        ? (ushort)port
        : throw Refused(text, "is no port");

    private byte Protocol(string text) => text.ToLowerInvariant() switch
    {
        "tcp" => IPPROTO_TCP,
        "udp" => IPPROTO_UDP,
        "sctp" => IPPROTO_SCTP,
        _ => PortConditionValue.Number(text) is > 0 and <= byte.MaxValue and { } number
            ? (byte)number
            : throw Refused(text, "is not tcp, udp, sctp or a protocol's number"),
    };

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : throw Refused(_tokens[^1], "ends the condition too early");

    private CniException Never() => Refused(_tokens[_next - 1], "turned round is met by no packet");

    private CniException Refused(string token, string why) =>
        new(CniErrorCode.UnsupportedField, $"{_key}: \"{token}\" in \"{string.Join(' ', _tokens)}\" {why}");

    /// <summary>Makes tokens of strings that hold one, or an option with its value in one of the ways that getopt(3) takes.</summary>
    private static List<string> Split(IReadOnlyList<string> items)
    {
        List<string> tokens = [];
        foreach (string item in items)
        {
            // A comment is the one value that has spaces.
            if (tokens is [.., "--comment"])
                tokens.Add(item);
            else
                tokens.AddRange(item.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SelectMany(SplitOption));
        }
        return tokens;
    }

    private static IEnumerable<string> SplitOption(string token) => token switch
    {
        ['-', '-', ..] when token.IndexOf('=', StringComparison.Ordinal) is > 0 and var at => [token[..at], token[(at + 1)..]],
        ['-', 's' or 'd' or 'p' or 'i' or 'o' or 'm', _, ..] => [token[..2], token[2..]],
        _ => [token],
    };
}
