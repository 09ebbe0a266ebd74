using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink;

/// <summary>
/// Asks the kernel and understands its answers: sequence numbers, acknowledgements with the kernel's explanation, answers of several
/// messages, dumps that were interrupted by a change. One thread uses it at a time.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    // linux/netlink.h
    private const ushort NLMSG_NOOP = 1;
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const int SequenceOffset = 8;

    // A node on which links come and go without pause must not keep a dump from ever ending.
    private const int DumpAttempts = 20;

    // wmem_default and rmem_default of a kernel that nobody tuned; an acknowledgement takes about 768 bytes of accounted memory.
    private const int DefaultSendBuffer = 128 * 1024;
    private const int DefaultAcknowledgements = 200;
    private const int AccountedAcknowledgement = 1024;

    private readonly INetlinkTransport _transport;
    private readonly NetlinkProtocol _protocol;
    private uint _sequence;

    internal NetlinkSocket(INetlinkTransport transport, uint sequence = 0, NetlinkProtocol protocol = NetlinkProtocol.Route) =>
        (_transport, _sequence, _protocol) = (transport, sequence, protocol);

    /// <summary>Parses one message of an answer.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="payload">What follows the header.</param>
    /// <returns>Null to leave it out.</returns>
    public delegate T? AnswerParser<T>(ushort type, ReadOnlySpan<byte> payload);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel lacks the protocol.</exception>
    public static NetlinkSocket Open(NetlinkProtocol protocol) => new(new KernelTransport(protocol), protocol: protocol);

    /// <summary>Opens a socket in a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open(NetlinkProtocol)"/>
    public static NetlinkSocket Open(NetlinkProtocol protocol, NetworkNamespace networkNamespace) =>
        networkNamespace.Run(() => Open(protocol));

    /// <summary>Sends a batch and waits for every answer.</summary>
    /// <exception cref="NetlinkException">The first request that was refused; all answers have been read by then.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public void Execute(NetlinkBatch batch)
    {
        List<NetlinkException> refusals = TryExecute(batch);
        if (refusals.Count > 0)
            throw refusals[0];
    }

    /// <summary>Sends a batch, waits for every answer, and returns the refusals in the order of the requests.</summary>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public List<NetlinkException> TryExecute(NetlinkBatch batch)
    {
        List<NetlinkException> refusals = [];
        _ = Exchange<object>(batch, static (_, _) => null, refusals, out _);
        return refusals;
    }

    /// <summary>Sends one request and returns what it gets; an empty list if the object does not exist.</summary>
    /// <param name="batch">One request that gets one object or dumps many.</param>
    /// <param name="parse">Turns each message of the answer into an object.</param>
    /// <param name="absent">The error that says that there is no such object.</param>
    /// <exception cref="NetlinkException">The request was refused for another reason, or the list would not stand still.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public List<T> Get<T>(NetlinkBatch batch, AnswerParser<T> parse, Errno absent = Errno.ENOENT)
        where T : class
    {
        for (int attempt = 0; attempt < DumpAttempts; attempt++)
        {
            List<NetlinkException> refusals = [];
            List<T> answer = Exchange(batch, parse, refusals, out bool interrupted);
            if (refusals.Count > 0 && refusals[0].Errno != absent)
                throw refusals[0];
            if (!interrupted)
                return answer;
        }
        throw new NetlinkException(Errno.EBUSY, batch.Operations[0].Description.ToString(), $"the list changed during each of {DumpAttempts} dumps");
    }

    /// <summary>Receives the notifications of a group from now on; use the socket for nothing else then.</summary>
    /// <param name="group">RTNLGRP_*, linux/rtnetlink.h.</param>
    public void Join(int group) => _transport.Join(group);

    /// <summary>Waits for a notification. One that got lost because too many came counts, too.</summary>
    /// <returns>False if none came within <paramref name="timeout"/>.</returns>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public bool WaitForNotification(TimeSpan timeout)
    {
        if (!_transport.WaitReadable(timeout))
            return false;
        try
        {
            _ = _transport.Receive();
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOBUFS)
        {
            // The kernel has dropped some; whoever waits looks at the state itself anyway.
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private List<T> Exchange<T>(NetlinkBatch batch, AnswerParser<T> parse, List<NetlinkException> refusals, out bool interrupted)
        where T : class
    {
        List<T> answer = [];
        interrupted = false;
        if (batch.Count == 0)
            return answer;
        uint first = Number(batch);
        MakeRoom(batch);
        _transport.Send(batch.Buffer.Written);
        int pending = batch.Operations.Count(static o => o.Acknowledged);
        // A request without NLM_F_ACK is one that gets; its answer ends by itself.
        bool awaitsAnswer = pending == 0;
        while (pending > 0 || awaitsAnswer)
        {
            MessageReader messages = new(_transport.Receive());
            while (messages.MoveNext())
            {
                uint index = messages.Sequence - first;
                // Answers to an earlier batch that failed as a whole, and notifications, are not for us.
                if (messages.PortId != _transport.PortId || index >= batch.Count || messages.Type == NLMSG_NOOP)
                    continue;
                interrupted |= messages.Flags.HasFlag(AnswerFlags.DumpInterrupted);
                NetlinkBatch.Operation operation = batch.Operations[(int)index];
                if (messages.Type is NLMSG_ERROR or NLMSG_DONE)
                {
                    NetlinkException? refusal = ReadRefusal(messages, operation);
                    awaitsAnswer = false;
                    if (operation.Acknowledged)
                        pending--;
                    if (refusal is null)
                        continue;
                    refusals.Add(refusal);
                    if (operation.GuardsAll || IsOfWholeDatagram(refusal))
                        pending = 0;
                }
                else
                {
                    if (parse(messages.Type, messages.Payload) is { } item)
                        answer.Add(item);
                    awaitsAnswer &= messages.Flags.HasFlag(AnswerFlags.Multipart);
                }
            }
        }
        return answer;
    }

    /// <summary>Without CAP_NET_ADMIN the first request is all that gets an answer (nfnetlink_rcv, net/netfilter/nfnetlink.c).</summary>
    private bool IsOfWholeDatagram(NetlinkException refusal) => _protocol == NetlinkProtocol.Netfilter && refusal.Errno == Errno.EPERM;

    /// <summary>Gives the requests the next sequence numbers; 0 is the kernel's own.</summary>
    private uint Number(NetlinkBatch batch)
    {
        if (_sequence > uint.MaxValue - batch.Count - 1)
            _sequence = 0;
        uint first = _sequence + 1;
        foreach (NetlinkBatch.Operation operation in batch.Operations)
            MemoryMarshal.Write(batch.Buffer.From(operation.Start)[SequenceOffset..], ++_sequence);
        return first;
    }

    private void MakeRoom(NetlinkBatch batch)
    {
        if (batch.Buffer.Length > DefaultSendBuffer || batch.Count > DefaultAcknowledgements)
        {
            _transport.GrowBuffers(
                Math.Max(2 * batch.Buffer.Length, DefaultSendBuffer),
                Math.Max(batch.Count, DefaultAcknowledgements) * AccountedAcknowledgement);
        }
    }

    // NLMSG_ERROR (struct nlmsgerr, linux/netlink.h):
    //   s32 error           0 for an acknowledgement, else the negative errno
    //   struct nlmsghdr     of the request; its payload follows unless NLM_F_CAPPED
    //   attributes          if NLM_F_ACK_TLVS: NLMSGERR_ATTR_MSG string, NLMSGERR_ATTR_OFFS u32
    // NLMSG_DONE: s32 error, then the same attributes at once.
    private static NetlinkException? ReadRefusal(MessageReader message, NetlinkBatch.Operation operation)
    {
        const int ErrorSize = 4;
        if (message.Payload.Length < ErrorSize)
        {
            // A DONE without a status ends a dump that went well.
            return message.Type == NLMSG_DONE ? null : throw new WireFormatException("an NLMSG_ERROR without its error", 0);
        }
        int error = MemoryMarshal.Read<int>(message.Payload);
        // What is tolerated is common, and its text costs more than the request.
        if (error >= 0 || (Errno)(-error) == operation.Tolerated)
            return null;
        string? explanation = null;
        int? offset = null;
        if (message.Flags.HasFlag(AnswerFlags.ExtendedAcknowledgement))
        {
            AttributeReader attributes = new(ExtendedAcknowledgement(message));
            while (attributes.MoveNext())
            {
                const ushort NLMSGERR_ATTR_MSG = 1;
                const ushort NLMSGERR_ATTR_OFFS = 2;
                if (attributes.Type == NLMSGERR_ATTR_MSG)
                    explanation = attributes.ReadString();
                else if (attributes.Type == NLMSGERR_ATTR_OFFS)
                    offset = (int)attributes.ReadUInt32();
            }
        }
        return new NetlinkException((Errno)(-error), operation.Description.ToString(), explanation, offset);
    }

    private static ReadOnlySpan<byte> ExtendedAcknowledgement(MessageReader message)
    {
        const int ErrorSize = 4;
        int start = ErrorSize;
        if (message.Type == NLMSG_ERROR)
        {
            bool capped = message.Flags.HasFlag(AnswerFlags.Capped) || message.Payload.Length < 2 * ErrorSize;
            uint repeated = capped ? NetlinkWriter.MessageHeaderSize : MemoryMarshal.Read<uint>(message.Payload[ErrorSize..]);
            start += NetlinkWriter.Align((int)Math.Min(repeated, int.MaxValue / 2));
        }
        return start <= message.Payload.Length
            ? message.Payload[start..]
            : throw new WireFormatException($"{message.Payload.Length} bytes where an explanation begins at byte {start}", 0);
    }
}
