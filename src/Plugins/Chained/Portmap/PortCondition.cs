using Linux;
using Netlink.Nftables.Expressions;

namespace Plugins.Chained.Portmap;

/// <summary>What a connection must meet for a mapping to apply (<c>conditionsV4</c>, <c>conditionsV6</c>).</summary>
/// <param name="Text">As it was written, white space made even.</param>
/// <param name="Alternatives">What a packet may look like: the matches of one rule each. A list in braces makes several.</param>
internal sealed record PortCondition(string Text, IReadOnlyList<IReadOnlyList<NftExpression>> Alternatives)
{
    private const int IdDigits = 8;

    /// <summary>Names the maps of all mappings under the same condition.</summary>
    public string Id { get; } = Sha512.HexPrefix(IdDigits, Text);
}
