using Cni;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Portmap;

/// <summary>
/// Reads conditions: those in iptables' syntax by <see cref="IptablesConditionParser"/>, those in nft's here. They are any number of these
/// matches, one behind the other, each with <c>==</c> (or nothing) or <c>!=</c>, and with one value or several in braces.
/// <code>
/// ip saddr 10.0.0.0/8          ip daddr { 192.0.2.1, 192.0.2.2 }          (ip6 in conditionsV6)
/// iifname "eth0"               iifname != "wg*"
/// meta mark 0x10               meta mark and 0xff != 1
/// </code>
/// </summary>
internal sealed class PortConditionParser
{
    private const string Known = "use ip saddr, ip daddr (ip6 in conditionsV6), iifname, meta mark";

    private readonly string _key;
    private readonly IpFamily _family;
    private readonly List<string> _tokens;
    private int _next;

    private PortConditionParser(string key, IReadOnlyList<string> items, IpFamily family)
    {
        (_key, _family) = (key, family);
        string text = string.Join(' ', items)
            .Replace("{", " { ", StringComparison.Ordinal)
            .Replace("}", " } ", StringComparison.Ordinal)
            .Replace(",", " , ", StringComparison.Ordinal);
        _tokens = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Reads the conditions of a family; null if there are none.</summary>
    /// <param name="key">Where they stand.</param>
    /// <param name="items">Tokens, or several in one string.</param>
    /// <param name="family">The family.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.UnsupportedField"/>: the message names the token.</exception>
    public static PortCondition? Parse(string key, IReadOnlyList<string> items, IpFamily family)
    {
        PortConditionParser parser = new(key, items, family);
        return parser._tokens switch
        {
            [] => null,
            // How the reference tells the two syntaxes apart.
            [['-' or '!', ..], ..] => IptablesConditionParser.Parse(key, items, family),
            _ => parser.Read(),
        };
    }

    private PortCondition Read()
    {
        List<List<NftExpression>> alternatives = [[]];
        while (_next < _tokens.Count)
        {
            List<NftExpression[]> match = ReadMatch();
            alternatives = [.. from alternative in alternatives from more in match select (List<NftExpression>)[.. alternative, .. more]];
        }
        return new PortCondition(string.Join(' ', _tokens), alternatives);
    }

    private List<NftExpression[]> ReadMatch()
    {
        string token = Take();
        switch (token)
        {
            case "ip" or "ip6":
                if (token == "ip6" != _family.IsIPv6)
                    throw Refused(token, $"is of the other address family; use {(_family.IsIPv6 ? "ip6" : "ip")} here");
                return Take() switch
                {
                    "saddr" => ReadValues(prefix => PacketMatch.SourceIn(NftFamily.Inet, prefix), ReadPrefix),
                    "daddr" => ReadValues(prefix => PacketMatch.DestinationIn(NftFamily.Inet, prefix), ReadPrefix),
                    string other => throw Refused(other, $"cannot be compared here; {Known}"),
                };
            case "meta":
                return ReadMeta(Take());
            default:
                return ReadMeta(token);
        }
    }

    private List<NftExpression[]> ReadMeta(string token)
    {
        switch (token)
        {
            case "iifname":
                return ReadValues(
                    static name => [new Meta(MetaKey.InputInterfaceName), new Cmp(CmpOperation.Equal, name)], ReadInterfaceName);
            case "mark":
                NftExpression[] load = [new Meta(MetaKey.Mark)];
                if (Peek() is "and" or "&")
                {
                    _ = Take();
                    load = [.. load, new Bitwise(NftValue.OfUInt32(ReadNumber()))];
                }
                return ReadValues(mark => [.. load, new Cmp(CmpOperation.Equal, NftValue.OfUInt32(mark))], ReadNumber);
            default:
                throw Refused(token, $"cannot be compared here; {Known}");
        }
    }

    /// <param name="match">Makes the match of a value; its last expression compares.</param>
    /// <param name="read">Reads a value.</param>
    private List<NftExpression[]> ReadValues<T>(Func<T, NftExpression[]> match, Func<T> read)
    {
        bool negated = Peek() is "!=" or "ne";
        if (negated || Peek() is "==" or "eq")
            _ = Take();
        List<T> values = [];
        if (Peek() == "{")
        {
            do
            {
                _ = Take();
                values.Add(read());
            }
            while (Peek() == ",");
            if (Take() is var end && end != "}")
                throw Refused(end, "stands where the list must go on with a comma or end with a brace");
        }
        else
        {
            values.Add(read());
        }
        IEnumerable<NftExpression[]> matches = values.Select(match);
        // Not one of them is: none of them, all in one rule.
        return negated ? [[.. matches.SelectMany(PortConditionValue.Negate)]] : [.. matches];
    }

    private IpPrefix ReadPrefix()
    {
        string token = Take();
        return PortConditionValue.Prefix(token, _family) is { Length: > 0 } prefix
            ? prefix
            : throw Refused(token, $"is no {(_family.IsIPv6 ? "IPv6" : "IPv4")} address or prefix longer than 0");
    }

    private NftValue ReadInterfaceName()
    {
        string token = Take();
        return PortConditionValue.InterfaceName(token.Trim('"'), wildcard: '*') ?? throw Refused(token, "is no name of an interface");
    }

    private uint ReadNumber()
    {
        string token = Take();
        return PortConditionValue.Number(token) ?? throw Refused(token, "is no number of 32 bits");
    }

    private string? Peek() => _next < _tokens.Count ? _tokens[_next] : null;

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : throw Refused(_tokens[^1], "ends the condition too early");

    private CniException Refused(string token, string why) =>
        new(CniErrorCode.UnsupportedField, $"{_key}: \"{token}\" in \"{string.Join(' ', _tokens)}\" {why}");
}
