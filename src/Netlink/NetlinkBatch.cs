using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink;

/// <summary>
/// Requests that go to the kernel together: in one datagram, or in several where their answers would not fit into the receive buffer.
/// rtnetlink runs every request of a datagram even when an earlier one failed, so a request may rest on an earlier one only if it fails
/// harmlessly without it (design.md, "rtnetlink"), and it makes no difference where one datagram ends and the next begins.
/// </summary>
public sealed class NetlinkBatch
{
    private readonly List<Operation> _operations = [];
    private int _message;

    /// <summary>The number of requests.</summary>
    public int Count => _operations.Count;

    /// <summary>
    /// Whether the requests may travel in several datagrams, since each tells its own end. Those of a transaction do not, and must not.
    /// </summary>
    internal bool IsDivisible { get; private set; } = true;

    internal MessageBuffer Buffer { get; } = new();

    internal IReadOnlyList<Operation> Operations => _operations;

    /// <summary>Opens a request. Its sequence number is its place in the batch until the socket numbers it.</summary>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="flags">nlmsg_flags beyond NLM_F_REQUEST.</param>
    /// <param name="description">What it does, for error messages.</param>
    /// <param name="tolerated">An error that counts as success: EEXIST where the object may exist, ENOENT where it may be gone.</param>
    /// <param name="guardsAll">
    /// An error here is the error of the whole batch (NFNL_MSG_BATCH_BEGIN); nothing is waited for behind it, and acknowledgements that
    /// come nevertheless are skipped by the next exchange.
    /// </param>
    public NetlinkWriter Begin(ushort type, ushort flags, OperationText description, Errno tolerated = Errno.None, bool guardsAll = false)
    {
        NetlinkWriter writer = new(Buffer);
        _message = writer.BeginMessage(type, (ushort)(flags | (ushort)RequestFlags.Request), (uint)_operations.Count);
        bool acknowledged = (flags & (ushort)RequestFlags.Acknowledge) != 0;
        IsDivisible &= acknowledged && !guardsAll;
        _operations.Add(new Operation(_message, description, tolerated, acknowledged, guardsAll));
        return writer;
    }

    /// <summary>Where a request begins in the buffer, or where the last one ends.</summary>
    internal int OffsetOf(int index) => index < _operations.Count ? _operations[index].Start : Buffer.Length;

    /// <summary>Closes the request that was opened last.</summary>
    public void End() => new NetlinkWriter(Buffer).EndMessage(_message);

    /// <summary>Asks the kernel to answer a success of the request that was closed last, too (NLM_F_ACK).</summary>
    internal void AcknowledgeLast()
    {
        const int FlagsOffset = 6;
        Operation last = _operations[^1];
        Span<byte> flags = Buffer.From(last.Start)[FlagsOffset..];
        MemoryMarshal.Write(flags, (ushort)(MemoryMarshal.Read<ushort>(flags) | (ushort)RequestFlags.Acknowledge));
        _operations[^1] = last with { Acknowledged = true };
    }

    /// <param name="Start">Offset of its header in the buffer.</param>
    /// <param name="Description">What it does, for error messages.</param>
    /// <param name="Tolerated">An error that counts as success.</param>
    /// <param name="Acknowledged">Whether the kernel answers a success, too.</param>
    /// <param name="GuardsAll">Whether its error is the error of the whole batch.</param>
    internal readonly record struct Operation(int Start, OperationText Description, Errno Tolerated, bool Acknowledged, bool GuardsAll);
}
