using System.Globalization;
using System.Net;
using System.Text;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Portmap;

/// <summary>What both syntaxes of conditions compare with.</summary>
internal static class PortConditionValue
{
    private const int MaxNameBytes = 15;

    /// <summary>An address or prefix of a family; that of IPv4 may have a mask (<c>10.0.0.0/255.0.0.0</c>). Null if it is none.</summary>
    public static IpPrefix? Prefix(string text, IpFamily family)
    {
        string[] parts = text.Split('/', 2);
        string length = parts switch
        {
            [_, var mask] when !family.IsIPv6 && IpText.TryParse(mask, out IPAddress address) => LengthOf(address),
            [_, var number] => number,
            _ => family.IsIPv6 ? "128" : "32",
        };
        return IpPrefix.TryParse($"{parts[0]}/{length}", out IpPrefix prefix) && prefix.Family == family ? prefix.Masked : null;
    }

    /// <summary>The name of an interface, or what it begins with; null if it cannot be one.</summary>
    /// <param name="text">The name.</param>
    /// <param name="wildcard">What stands for any end.</param>
    public static NftValue? InterfaceName(string text, char wildcard)
    {
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > MaxNameBytes || text == $"{wildcard}")
            return null;
        // What begins so is compared without the NUL that ends a whole name.
        return text.EndsWith(wildcard) ? new NftValue(Encoding.UTF8.GetBytes(text[..^1]).AsSpan()) : NftValue.InterfaceName(text);
    }

    /// <summary>A number, decimal or hexadecimal; null if it is none of 32 bits.</summary>
    public static uint? Number(string text)
    {
        bool isNumber = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber ? number : null;
    }

    /// <summary>Turns a match round whose last expression compares for equality.</summary>
    public static NftExpression[] Negate(NftExpression[] match) =>
        [.. match[..^1], (Cmp)match[^1] with { Comparison = CmpOperation.NotEqual }];

    /// <summary>The length that a mask means; "" if its bits have gaps.</summary>
    private static string LengthOf(IPAddress mask)
    {
        uint bits = BitConverter.ToUInt32(mask.GetAddressBytes().Reverse().ToArray());
        int length = System.Numerics.BitOperations.LeadingZeroCount(~bits);
        return bits == (length == 0 ? 0 : uint.MaxValue << (32 - length)) ? length.ToString(CultureInfo.InvariantCulture) : "";
    }
}
