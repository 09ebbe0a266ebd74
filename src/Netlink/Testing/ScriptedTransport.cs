using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink.Testing;

/// <summary>
/// Plays the kernel for tests of code that uses the clients: each datagram that is sent calls the next step of a script, whose datagrams
/// are then received. What was sent is kept to be looked at.
/// </summary>
/// <example><code>
/// ScriptedTransport kernel = new ScriptedTransport()
///     .OnSend(requests => [ScriptedTransport.Error(requests[0].Sequence, Errno.EPERM)]);
/// using RouteClient client = new(new NetlinkSocket(kernel));
/// </code></example>
public sealed class ScriptedTransport : INetlinkTransport
{
    private const uint OwnPortId = 4711;

    // linux/netlink.h
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;

    private readonly Queue<Func<ScriptedRequest[], IEnumerable<byte[]>>> _script = new();
    private readonly Queue<byte[]> _received = new();

    /// <inheritdoc/>
    public uint PortId => OwnPortId;

    /// <summary>The requests of each datagram that was sent.</summary>
    public List<ScriptedRequest[]> Sent { get; } = [];

    /// <summary>What <see cref="GrowReceiveBuffer"/> was asked for.</summary>
    public List<int> Growths { get; } = [];

    /// <summary>How often a new socket took the place of this one; what was not read is lost then.</summary>
    public int Renewals { get; private set; }

    /// <summary>The largest datagram that can be sent; a larger one is EMSGSIZE.</summary>
    public int SendBuffer { get; init; } = int.MaxValue;

    /// <inheritdoc/>
    public int ReceiveBuffer { get; init; } = 212_992;

    /// <summary>The groups that were joined.</summary>
    public List<int> Groups { get; } = [];

    /// <summary>Steps of the script that nothing was sent for yet.</summary>
    public int StepsLeft => _script.Count;

    /// <summary>What the kernel answers to the next datagram. An empty array stands for one that it had to drop (ENOBUFS).</summary>
    public ScriptedTransport OnSend(Func<ScriptedRequest[], IEnumerable<byte[]>> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>A datagram that comes without being asked for, as notifications do; an empty one stands for ENOBUFS.</summary>
    public ScriptedTransport Notify(byte[] datagram)
    {
        _received.Enqueue(datagram);
        return this;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The script is at its end.</exception>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > SendBuffer)
            throw new LinuxException(Errno.EMSGSIZE, "send");
        List<ScriptedRequest> requests = [];
        MessageReader messages = new(datagram);
        while (messages.MoveNext())
            requests.Add(new ScriptedRequest(messages.Type, (ushort)messages.Flags, messages.Sequence, messages.Payload.ToArray()));
        Sent.Add([.. requests]);
        if (!_script.TryDequeue(out Func<ScriptedRequest[], IEnumerable<byte[]>>? answer))
            throw new InvalidOperationException($"datagram {Sent.Count} was sent, and the script ends before it");
        foreach (byte[] datagramBack in answer([.. requests]))
            _received.Enqueue(datagramBack);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_received.TryDequeue(out byte[]? datagram))
            throw new LinuxException(Errno.ETIMEDOUT, "receive");
        return datagram.Length > 0 ? datagram : throw new LinuxException(Errno.ENOBUFS, "receive");
    }

    /// <inheritdoc/>
    public void GrowReceiveBuffer(int bytes) => Growths.Add(bytes);

    /// <inheritdoc/>
    public void Renew()
    {
        Renewals++;
        _received.Clear();
    }

    /// <inheritdoc/>
    public void Join(int group) => Groups.Add(group);

    /// <summary>Ends the script.</summary>
    /// <exception cref="InvalidOperationException">Steps of it are left: less was sent than the test expects.</exception>
    [SuppressMessage("Design", "CA1065", Justification = "An expectation that was not met must fail the test, and this is its end.")]
    public void Dispose()
    {
        if (StepsLeft > 0)
            throw new InvalidOperationException($"{Sent.Count} datagrams were sent, and the script has {StepsLeft} more");
    }

    /// <summary>A datagram of several messages.</summary>
    public static byte[] Datagram(params ReadOnlySpan<byte[]> messages)
    {
        List<byte> bytes = [];
        foreach (byte[] message in messages)
            bytes.AddRange(message);
        return [.. bytes];
    }

    /// <summary>A message to the socket, or to another where that is said.</summary>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="flags">nlmsg_flags.</param>
    /// <param name="sequence">nlmsg_seq: of the request that it answers.</param>
    /// <param name="payload">What follows the header.</param>
    /// <param name="portId">nlmsg_pid; 0 for a notification.</param>
    public static byte[] Message(ushort type, AnswerFlags flags, uint sequence, ReadOnlySpan<byte> payload, uint portId = OwnPortId)
    {
        MessageBuffer buffer = new();
        NetlinkWriter writer = new(buffer);
        int token = writer.BeginMessage(type, (ushort)flags, sequence);
        writer.WriteBytes(payload);
        writer.EndMessage(token);
        byte[] bytes = new byte[NetlinkWriter.Align(buffer.Length)];
        buffer.Written.CopyTo(bytes);
        const int PortIdOffset = 12;
        MemoryMarshal.Write(bytes.AsSpan(PortIdOffset), portId);
        return bytes;
    }

    /// <summary>NLMSG_ERROR with the header of its request only; without an error, an acknowledgement.</summary>
    /// <param name="sequence">nlmsg_seq: of the request.</param>
    /// <param name="errno">The refusal.</param>
    /// <param name="attributes">The kernel's explanation (NLMSGERR_ATTR_*).</param>
    public static byte[] Error(uint sequence, Errno errno = Errno.None, ReadOnlySpan<byte> attributes = default)
    {
        byte[] payload = new byte[20 + attributes.Length];
        MemoryMarshal.Write(payload, -(int)errno);
        // The repeated header: its length is that of the whole request, whatever is repeated.
        MemoryMarshal.Write(payload.AsSpan(4), 100);
        attributes.CopyTo(payload.AsSpan(20));
        AnswerFlags explained = attributes.IsEmpty ? AnswerFlags.None : AnswerFlags.ExtendedAcknowledgement;
        return Message(NLMSG_ERROR, AnswerFlags.Capped | explained, sequence, payload);
    }

    /// <summary>NLMSG_DONE, the end of an answer of several messages.</summary>
    /// <param name="sequence">nlmsg_seq: of the request.</param>
    /// <param name="errno">Why it ended early.</param>
    /// <param name="flags">nlmsg_flags.</param>
    /// <param name="attributes">The kernel's explanation (NLMSGERR_ATTR_*).</param>
    public static byte[] Done(
        uint sequence, Errno errno = Errno.None, AnswerFlags flags = AnswerFlags.Multipart, ReadOnlySpan<byte> attributes = default)
    {
        byte[] payload = new byte[4 + attributes.Length];
        MemoryMarshal.Write(payload, -(int)errno);
        attributes.CopyTo(payload.AsSpan(4));
        AnswerFlags explained = attributes.IsEmpty ? AnswerFlags.None : AnswerFlags.ExtendedAcknowledgement;
        return Message(NLMSG_DONE, flags | explained, sequence, payload);
    }
}
