using System.Buffers.Binary;
using System.Text;
using Linux;
using Linux.Addresses;

namespace Agent.Blocks;

/// <summary>A network's pool of one family, cut into blocks of one length: what nodes claim, and give addresses from.</summary>
public sealed record BlockPool
{
    private const ulong Places = 1 << 16;

    /// <param name="pool">The pool.</param>
    /// <param name="length">Of its blocks.</param>
    /// <exception cref="ArgumentException">They do not fit; the message names the value and the remedy.</exception>
    public BlockPool(IpPrefix pool, int length)
    {
        if (!pool.IsMasked)
            throw new ArgumentException($"pool {pool} has bits behind its prefix; write {pool.Masked}", nameof(pool));
        if (length < pool.Length || length > pool.MaxLength)
        {
            throw new ArgumentException(
                $"block length {length} does not fit into pool {pool}; use {pool.Length} to {pool.MaxLength}", nameof(length));
        }
        (Pool, Length) = (pool, length);
    }

    /// <summary>The pool.</summary>
    public IpPrefix Pool { get; }

    /// <summary>The length of its blocks, in bits of the prefix.</summary>
    public int Length { get; }

    /// <summary>How many blocks there are, as far as 64 bits count.</summary>
    public ulong Count => Length - Pool.Length < 64 ? 1UL << (Length - Pool.Length) : ulong.MaxValue;

    /// <summary>A block by its number.</summary>
    public IpPrefix this[ulong number] =>
        new(IpText.FromUInt128(Pool.Address.ToUInt128() + ((UInt128)number << (Pool.MaxLength - Length)), Pool.Family), Length);

    /// <summary>Whether a block is one of this pool.</summary>
    public bool Has(IpPrefix block) => block.Length == Length && block.IsMasked && Pool.Contains(block.Address);

    /// <summary>
    /// The first block that nobody has, from a node's own place on: nodes that claim at the same time begin at different places, and a node
    /// that comes back begins where it was.
    /// </summary>
    /// <param name="node">The node's name.</param>
    /// <param name="isTaken">Whether a block is somebody's.</param>
    /// <returns>Null if all are taken.</returns>
    public IpPrefix? FindFree(string node, Func<IpPrefix, bool> isTaken)
    {
        ulong place = PlaceOf(node);
        // Only as many are looked at as are taken, and one more.
        for (ulong i = 0; i < Count; i++)
        {
            IpPrefix block = this[(ulong)(((UInt128)place + i) % Count)];
            if (!isTaken(block))
                return block;
        }
        return null;
    }

    // The same on every node and in every version, which string.GetHashCode is not. In a large pool nodes begin near its start: what they
    // claim stays short to read, and there is room for many more nodes than begin at one place.
    private ulong PlaceOf(string node)
    {
        Span<byte> hash = stackalloc byte[Sha512.HashSize];
        Sha512.HashData(Encoding.UTF8.GetBytes(node), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) % Math.Min(Count, Places);
    }
}
