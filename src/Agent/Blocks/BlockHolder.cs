namespace Agent.Blocks;

/// <summary>
/// A node as the holder of blocks. Its name alone would not do: a second node that was given the name of one that is away would give the
/// addresses of that one's pods.
/// </summary>
/// <param name="Node">The node's name.</param>
/// <param name="Identity">What tells it from another node of that name; "" in what was written before blocks had it.</param>
public readonly record struct BlockHolder(string Node, string Identity)
{
    /// <summary>Whether this is the same node: one of the name that says nothing of its identity is taken for it.</summary>
    public bool Is(BlockHolder other) =>
        Node == other.Node && (Identity == other.Identity || Identity.Length == 0 || other.Identity.Length == 0);
}
