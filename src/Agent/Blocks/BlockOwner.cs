using System.Text;
using Linux.Addresses;

namespace Agent.Blocks;

/// <summary>Who has a block: the value under the block's key, the node's name and, behind a space, its identity.</summary>
/// <param name="Block">The block.</param>
/// <param name="Holder">Who has it.</param>
/// <param name="Revision">That of the claim; a block is given back by compare on it.</param>
public sealed record BlockOwner(IpPrefix Block, BlockHolder Holder, long Revision)
{
    /// <summary>The name of the node that has it.</summary>
    public string Node => Holder.Node;

    /// <summary>The value that says so.</summary>
    public static byte[] Write(BlockHolder holder) => Encoding.UTF8.GetBytes($"{holder.Node} {holder.Identity}".TrimEnd());

    /// <summary>The node that a value names. The name alone is what earlier agents wrote.</summary>
    public static BlockHolder Read(ReadOnlyMemory<byte> value)
    {
        string text = Encoding.UTF8.GetString(value.Span);
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? new BlockHolder(text, "") : new BlockHolder(text[..space], text[(space + 1)..]);
    }
}
