using System.Text;
using Linux.Addresses;

namespace Agent.Blocks;

/// <summary>Who has a block: the value under the block's key, the node's name.</summary>
/// <param name="Block">The block.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Revision">That of the claim; a block is given back by compare on it.</param>
public sealed record BlockOwner(IpPrefix Block, string Node, long Revision)
{
    /// <summary>The value that says so.</summary>
    public static byte[] Write(string node) => Encoding.UTF8.GetBytes(node);

    /// <summary>The node that a value names.</summary>
    public static string Read(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);
}
