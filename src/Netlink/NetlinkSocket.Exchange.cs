using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink;

public sealed partial class NetlinkSocket
{
    // linux/netlink.h
    private const ushort NLMSG_NOOP = 1;
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const int SequenceOffset = 8;

    // What the kernel counts for one answer, at most: struct sk_buff, and the data with its trailer rounded up to a power of two. Only
    // small objects are asked for by the dozen.
    private const int AcknowledgementCost = 1536;
    private const int ObjectCost = 2560;

    // Answers that fit into any receive buffer that a host may be tuned to; for more, its size is asked for.
    private const int SmallAnswers = 64 * 1024;

    // A datagram of several requests; a single one may be larger.
    private const int DatagramSize = 16 * 1024;

    // Whether answers were lost, or left unread by an exception: the socket is not used any more then.
    private bool _isSpoilt;

    /// <summary>The number of the last request.</summary>
    internal uint LastSequence { get; private set; }

    /// <param name="batch">The requests.</param>
    /// <param name="parse">Turns each message of the answer into an object.</param>
    /// <param name="cost">Bytes of the receive buffer that the answer to one request takes.</param>
    /// <param name="refusals">Takes the errors.</param>
    /// <param name="interrupted">Whether the list changed while it was dumped.</param>
    private List<T> Exchange<T>(NetlinkBatch batch, AnswerParser<T> parse, int cost, List<NetlinkException> refusals, out bool interrupted)
        where T : class
    {
        List<T> answer = [];
        interrupted = false;
        if (_isSpoilt)
        {
            _transport.Renew();
            _isSpoilt = false;
        }
        uint first = Number(batch);
        int most = MakeRoom(batch, cost);
        bool goesOn = true;
        for (int start = 0, end; start < batch.Count && goesOn; start = end)
        {
            end = EndOfDatagram(batch, start, most);
            goesOn = TrySend(batch, start, end, refusals) && Receive(batch, first, start, end, parse, answer, refusals, ref interrupted);
        }
        return answer;
    }

    /// <summary>Gives the requests the next sequence numbers; 0 is the kernel's own.</summary>
    private uint Number(NetlinkBatch batch)
    {
        if (LastSequence > uint.MaxValue - batch.Count - 1)
            LastSequence = 0;
        uint first = LastSequence + 1;
        foreach (NetlinkBatch.Operation operation in batch.Operations)
            MemoryMarshal.Write(batch.Buffer.From(operation.Start)[SequenceOffset..], ++LastSequence);
        return first;
    }

    /// <returns>How many requests may be sent before their answers are read.</returns>
    private int MakeRoom(NetlinkBatch batch, int cost)
    {
        long answers = (long)batch.Count * cost;
        if (batch.Count <= 1 || answers <= SmallAnswers)
            return batch.Count;
        if (batch.IsDivisible)
            return Math.Max(_transport.ReceiveBuffer / cost, 1);
        // A transaction that goes well is answered once; only one that fails tells it of each request.
        _transport.GrowReceiveBuffer((int)Math.Min(answers, int.MaxValue / 2));
        return batch.Count;
    }

    private static int EndOfDatagram(NetlinkBatch batch, int start, int most)
    {
        if (!batch.IsDivisible)
            return batch.Count;
        int end = start + 1;
        while (end < batch.Count && end - start < most && batch.OffsetOf(end + 1) - batch.OffsetOf(start) <= DatagramSize)
            end++;
        return end;
    }

    private bool TrySend(NetlinkBatch batch, int start, int end, List<NetlinkException> refusals)
    {
        ReadOnlySpan<byte> datagram = batch.Buffer.Written[batch.OffsetOf(start)..batch.OffsetOf(end)];
        try
        {
            _transport.Send(datagram);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EMSGSIZE)
        {
            refusals.Add(new NetlinkException(
                e.Errno,
                batch.Operations[start].Description.ToString(),
                $"{datagram.Length} bytes cannot be sent at once by a process without CAP_NET_ADMIN in the initial user namespace; "
                + "raise net.core.wmem_max to that number",
                inner: e)
            {
                Request = start,
            });
            return false;
        }
    }

    /// <summary>Reads the answers to one datagram.</summary>
    /// <returns>False if what follows would be refused for the same reason.</returns>
    private bool Receive<T>(
        NetlinkBatch batch,
        uint first,
        int start,
        int end,
        AnswerParser<T> parse,
        List<T> answer,
        List<NetlinkException> refusals,
        ref bool interrupted)
        where T : class
    {
        int pending = 0;
        for (int i = start; i < end; i++)
            pending += batch.Operations[i].Acknowledged ? 1 : 0;
        // A request without NLM_F_ACK is one that gets; its answer ends by itself.
        bool awaitsAnswer = pending == 0, isRefusedWhole = false;
        _isSpoilt = true;
        int next = start;
        long deadline = Environment.TickCount64 + (long)AnswerTimeout.TotalMilliseconds;
        while (pending > 0 || awaitsAnswer)
        {
            MessageReader messages = new(Receive(batch.Operations[Math.Min(next, end - 1)], deadline));
            while (messages.MoveNext())
            {
                uint index = messages.Sequence - first;
                // Answers to an earlier batch that failed as a whole, and notifications, are not for us.
                if (messages.PortId != _transport.PortId || index < start || index >= end || messages.Type == NLMSG_NOOP)
                    continue;
                deadline = Environment.TickCount64 + (long)AnswerTimeout.TotalMilliseconds;
                interrupted |= messages.Flags.HasFlag(AnswerFlags.DumpInterrupted);
                NetlinkBatch.Operation operation = batch.Operations[(int)index];
                if (messages.Type is NLMSG_ERROR or NLMSG_DONE)
                {
                    NetlinkException? refusal = ReadRefusal(messages, operation, (int)index);
                    awaitsAnswer = false;
                    next = (int)index + 1;
                    if (operation.Acknowledged)
                        pending--;
                    if (refusal is null)
                        continue;
                    refusals.Add(refusal);
                    if (operation.GuardsAll || IsOfWholeDatagram(refusal))
                        (pending, isRefusedWhole) = (0, true);
                }
                else
                {
                    if (parse(messages.Type, messages.Payload) is { } item)
                        answer.Add(item);
                    awaitsAnswer &= messages.Flags.HasFlag(AnswerFlags.Multipart);
                }
            }
        }
        _isSpoilt = false;
        return !isRefusedWhole;
    }

    private ReadOnlySpan<byte> Receive(NetlinkBatch.Operation awaited, long deadline)
    {
        try
        {
            return _transport.Receive(TimeSpan.FromMilliseconds(Math.Max(deadline - Environment.TickCount64, 0)));
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOBUFS or Errno.ETIMEDOUT)
        {
            string explanation = e.Errno == Errno.ENOBUFS
                ? "the kernel dropped its answer, so it may be done or not"
                : $"the kernel did not answer within {AnswerTimeout.TotalSeconds} s, so it may be done or not";
            throw new NetlinkException(e.Errno, awaited.Description.ToString(), explanation, inner: e);
        }
    }

    /// <summary>Without CAP_NET_ADMIN the first request is all that gets an answer (nfnetlink_rcv, net/netfilter/nfnetlink.c).</summary>
    private bool IsOfWholeDatagram(NetlinkException refusal) => _protocol == NetlinkProtocol.Netfilter && refusal.Errno == Errno.EPERM;
}
