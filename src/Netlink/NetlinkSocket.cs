using Linux;
using Linux.Namespaces;

namespace Netlink;

/// <summary>
/// Asks the kernel and understands its answers: sequence numbers, acknowledgements with the kernel's explanation, answers of several
/// messages, dumps that were interrupted by a change. One thread uses it at a time.
/// </summary>
public sealed partial class NetlinkSocket : IDisposable
{
    // A node on which links come and go without pause must not keep a dump from ever ending.
    private const int DumpAttempts = 20;

    // Answers are asked for in smaller portions each time.
    private const int LossAttempts = 5;

    private readonly INetlinkTransport _transport;
    private readonly NetlinkProtocol _protocol;

    /// <summary>Speaks over a transport of the caller's: one that plays the kernel in a test, or that watches what passes.</summary>
    /// <param name="transport">Disposed together with the socket.</param>
    /// <param name="protocol">What the transport talks to.</param>
    /// <param name="sequence">The number before that of the first request.</param>
    public NetlinkSocket(INetlinkTransport transport, NetlinkProtocol protocol = NetlinkProtocol.Route, uint sequence = 0) =>
        (_transport, _protocol, LastSequence) = (transport, protocol, sequence);

    /// <summary>
    /// How long to wait for an answer, and for each part of one; 10 seconds unless set. The kernel answers while it is asked, so what has
    /// not come by then never will: ETIMEDOUT.
    /// </summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Parses one message of an answer.</summary>
    /// <typeparam name="T">What it becomes.</typeparam>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="payload">What follows the header.</param>
    /// <returns>Null to leave it out.</returns>
    public delegate T? AnswerParser<T>(ushort type, ReadOnlySpan<byte> payload);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel lacks the protocol.</exception>
    public static NetlinkSocket Open(NetlinkProtocol protocol) =>
        // Numbers that nobody can guess: whoever could send us something, could not make it look like an answer.
        new(NetlinkTrace.Wrap(new KernelTransport(protocol), protocol), protocol, (uint)Random.Shared.NextInt64(uint.MaxValue));

    /// <summary>Opens a socket in a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open(NetlinkProtocol)"/>
    public static NetlinkSocket Open(NetlinkProtocol protocol, NetworkNamespace networkNamespace) =>
        networkNamespace.Run(() => Open(protocol));

    /// <summary>Sends a batch and waits for every answer.</summary>
    /// <exception cref="NetlinkException">
    /// The first request that was refused; all answers have been read by then. ENOBUFS or ETIMEDOUT: answers were lost, so it is unknown
    /// what was done.
    /// </exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public void Execute(NetlinkBatch batch)
    {
        List<NetlinkException> refusals = TryExecute(batch);
        if (refusals.Count > 0)
            throw refusals[0];
    }

    /// <summary>Sends a batch, waits for every answer, and returns the refusals in the order of the requests.</summary>
    /// <exception cref="NetlinkException">ENOBUFS or ETIMEDOUT: answers were lost, so it is unknown what was done.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public List<NetlinkException> TryExecute(NetlinkBatch batch)
    {
        List<NetlinkException> refusals = [];
        _ = Exchange<object>(batch, static (_, _) => null, AcknowledgementCost, refusals, out _);
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
        int losses = 0;
        for (int attempt = 0; attempt < DumpAttempts; attempt++)
        {
            List<NetlinkException> refusals = [];
            List<T> answer;
            bool interrupted;
            try
            {
                answer = Exchange(batch, parse, (ObjectCost + AcknowledgementCost) << losses, refusals, out interrupted);
            }
            catch (NetlinkException e) when (e.Errno == Errno.ENOBUFS && ++losses < LossAttempts)
            {
                // Nothing was changed, so it can be asked for again.
                continue;
            }
            if (refusals.Count > 0 && refusals[0].Errno != absent)
                throw refusals[0];
            if (!interrupted)
                return answer;
        }
        throw new NetlinkException(
            Errno.EBUSY, batch.Operations[0].Description.ToString(), $"the list changed during each of {DumpAttempts} dumps");
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();
}
