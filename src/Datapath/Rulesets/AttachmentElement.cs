using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>An element that an attachment has for itself, see <see cref="AttachmentElements"/>.</summary>
/// <param name="Set">The set or map that it is in.</param>
/// <param name="Element">Key and value.</param>
/// <param name="Name">The key as people write it: <c>10.1.0.5</c>.</param>
public sealed record AttachmentElement(NftSet Set, NftElement Element, string Name);
