using Linux;
using Linux.Namespaces;

namespace Netlink.Nftables;

/// <summary>Reads and changes the nftables ruleset of one network namespace. One thread uses it at a time.</summary>
public sealed partial class NftClient : IDisposable
{
    private readonly NetlinkSocket _socket;

    /// <summary>
    /// Speaks over a socket of the caller's, of <see cref="NetlinkProtocol.Netfilter"/>; it is disposed together with the client.
    /// </summary>
    public NftClient(NetlinkSocket socket) => _socket = socket;

    /// <inheritdoc cref="NetlinkSocket.AnswerTimeout"/>
    public TimeSpan AnswerTimeout
    {
        get => _socket.AnswerTimeout;
        set => _socket.AnswerTimeout = value;
    }

    /// <summary>Opens the ruleset of the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no nfnetlink (EPROTONOSUPPORT).</exception>
    public static NftClient Open() => new(NetlinkSocket.Open(NetlinkProtocol.Netfilter));

    /// <summary>Opens the ruleset of a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open()"/>
    public static NftClient Open(NetworkNamespace networkNamespace) =>
        new(NetlinkSocket.Open(NetlinkProtocol.Netfilter, networkNamespace));

    /// <summary>Applies a batch, all of it or nothing.</summary>
    /// <exception cref="NetlinkException">
    /// The first operation that was refused; nothing has changed. EMSGSIZE: this process may not send so much at once. ENOBUFS or
    /// ETIMEDOUT: the answer was lost, so it is unknown whether the batch was applied.
    /// </exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public void Execute(NftBatch batch)
    {
        if (!batch.IsEmpty)
            _socket.Execute(batch.Seal());
    }

    /// <summary>Applies a batch, all of it or nothing.</summary>
    /// <returns>
    /// Every operation that was refused, in order; if there is any, nothing has changed. EMSGSIZE: this process may not send so much at
    /// once.
    /// </returns>
    /// <exception cref="NetlinkException">
    /// ENOBUFS or ETIMEDOUT: the answer was lost, so it is unknown whether the batch was applied.
    /// </exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public List<NetlinkException> TryExecute(NftBatch batch) => batch.IsEmpty ? [] : _socket.TryExecute(batch.Seal());

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
