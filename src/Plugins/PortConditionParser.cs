using System.Globalization;
using System.Text;
using Cni;
using Linux;
using Netlink.Nftables;

namespace Plugins;

/// <summary>
/// Reads conditions: any number of these matches, one behind the other, each with <c>==</c> (or nothing) or <c>!=</c>, and with one value or
/// several in braces.
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
    private readonly bool _ipv6;
    private readonly List<string> _tokens;
    private int _next;

    private PortConditionParser(string key, IReadOnlyList<string> items, bool ipv6)
    {
        (_key, _ipv6) = (key, ipv6);
        string text = string.Join(' ', items).Replace("{", " { ", StringComparison.Ordinal).Replace("}", " } ", StringComparison.Ordinal).Replace(",", " , ", StringComparison.Ordinal);
        _tokens = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Reads the conditions of a family; null if there are none.</summary>
    /// <param name="key">Where they stand.</param>
    /// <param name="items">Tokens, or several in one string.</param>
    /// <param name="ipv6">The family.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.UnsupportedField"/>: the message names the token.</exception>
    public static PortCondition? Parse(string key, IReadOnlyList<string> items, bool ipv6)
    {
        PortConditionParser parser = new(key, items, ipv6);
        return parser._tokens.Count == 0 ? null : parser.Read();
    }

    private PortCondition Read()
    {
        // How the reference tells the two syntaxes apart.
        if (_tokens[0][0] is '-' or '!')
            throw Refused(_tokens[0], $"is iptables' syntax; write the condition as nft does: {Known}");
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
                if (token == "ip6" != _ipv6)
                    throw Refused(token, $"is of the other address family; use {(_ipv6 ? "ip6" : "ip")} here");
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
                return ReadValues(static name => [new Meta(MetaKey.InputInterfaceName), new Cmp(CmpOperation.Equal, name)], ReadInterfaceName);
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
        return negated ? [[.. matches.SelectMany(Negate)]] : [.. matches];
    }

    private static NftExpression[] Negate(NftExpression[] match) =>
        [.. match[..^1], (Cmp)match[^1] with { Comparison = CmpOperation.NotEqual }];

    private IpPrefix ReadPrefix()
    {
        string token = Take();
        string text = token.Contains('/', StringComparison.Ordinal) ? token : $"{token}/{(_ipv6 ? 128 : 32)}";
        return IpPrefix.TryParse(text, out IpPrefix prefix) && prefix.IsIPv6 == _ipv6 && prefix.Length > 0
            ? prefix.Masked
            : throw Refused(token, $"is no {(_ipv6 ? "IPv6" : "IPv4")} address or prefix longer than 0");
    }

    private NftValue ReadInterfaceName()
    {
        const int MaxBytes = 15;
        string token = Take();
        string name = token.Trim('"');
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > MaxBytes || name == "*")
            throw Refused(token, "is no name of an interface");
        // What begins so is compared without the NUL that ends a whole name.
        return name.EndsWith('*') ? new NftValue(Encoding.UTF8.GetBytes(name[..^1]).AsSpan()) : NftValue.InterfaceName(name);
    }

    private uint ReadNumber()
    {
        string token = Take();
        bool isNumber = token.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(token.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            : uint.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber ? number : throw Refused(token, "is no number of 32 bits");
    }

    private string? Peek() => _next < _tokens.Count ? _tokens[_next] : null;

    private string Take() => _next < _tokens.Count ? _tokens[_next++] : throw Refused(_tokens[^1], "ends the condition too early");

    private CniException Refused(string token, string why) =>
        new(CniErrorCode.UnsupportedField, $"{_key}: \"{token}\" in \"{string.Join(' ', _tokens)}\" {why}");
}
