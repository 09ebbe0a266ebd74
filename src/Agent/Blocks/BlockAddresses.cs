using System.Net;
using Linux.Addresses;

namespace Agent.Blocks;

/// <summary>
/// Whose the addresses of a block are. The first one (10.244.1.0 of 10.244.1.0/26) is the node's own, as the source of the host's packets
/// to pods behind a tunnel: without it their answers would come back outside of it. The others are pods'; so are all of a block of less
/// than four.
/// </summary>
public static class BlockAddresses
{
    /// <summary>The node's address; null if the block has too few.</summary>
    public static IPAddress? OfNode(IpPrefix block) => block.Length < block.MaxLength - 1 ? block.Network : null;

    /// <summary>The first address for pods.</summary>
    public static IPAddress FirstOfPods(IpPrefix block) =>
        IpText.FromUInt128(block.Network.ToUInt128() + (OfNode(block) is null ? UInt128.Zero : UInt128.One), block.Family);

    /// <summary>How many addresses there are for pods; about, where they are very many.</summary>
    public static double CountOfPods(IpPrefix block) => (double)(block.Broadcast.ToUInt128() - FirstOfPods(block).ToUInt128()) + 1;
}
