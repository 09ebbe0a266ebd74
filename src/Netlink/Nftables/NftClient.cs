using Linux;

namespace Netlink.Nftables;

/// <summary>Reads and changes the nftables ruleset of one network namespace. One thread uses it at a time.</summary>
public sealed partial class NftClient : IDisposable
{
    private readonly NetlinkSocket _socket;

    internal NftClient(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens the ruleset of the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no nfnetlink (EPROTONOSUPPORT).</exception>
    public static NftClient Open() => new(NetlinkSocket.Open(NetlinkProtocol.Netfilter));

    /// <summary>Opens the ruleset of a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open()"/>
    public static NftClient Open(NetworkNamespace networkNamespace) =>
        new(NetlinkSocket.Open(NetlinkProtocol.Netfilter, networkNamespace));

    /// <summary>Applies a batch, all of it or nothing.</summary>
    /// <exception cref="NetlinkException">The first operation that was refused; nothing has changed.</exception>
    /// <exception cref="LinuxException">The socket failed; ENOBUFS leaves open whether the batch was applied.</exception>
    public void Execute(NftBatch batch)
    {
        if (!batch.IsEmpty)
            _socket.Execute(batch.Seal());
    }

    /// <summary>Applies a batch, all of it or nothing.</summary>
    /// <returns>Every operation that was refused, in order; if there is any, nothing has changed.</returns>
    /// <exception cref="LinuxException">The socket failed; ENOBUFS leaves open whether the batch was applied.</exception>
    public List<NetlinkException> TryExecute(NftBatch batch) => batch.IsEmpty ? [] : _socket.TryExecute(batch.Seal());

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
