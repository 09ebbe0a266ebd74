using Linux;
using Linux.Namespaces;
using Netlink.Wire;

namespace Netlink.Route;

/// <summary>
/// Reads and changes the links, addresses, routes, neighbours and rules of one network namespace: that in which it was opened. One
/// thread uses it at a time.
/// </summary>
public sealed partial class RouteClient : IDisposable
{
    private readonly NetlinkSocket _socket;

    /// <summary>
    /// Speaks over a socket of the caller's, of <see cref="NetlinkProtocol.Route"/>; it is disposed together with the client.
    /// </summary>
    public RouteClient(NetlinkSocket socket) => _socket = socket;

    /// <inheritdoc cref="NetlinkSocket.AnswerTimeout"/>
    public TimeSpan AnswerTimeout
    {
        get => _socket.AnswerTimeout;
        set => _socket.AnswerTimeout = value;
    }

    /// <summary>Opens a client for the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel is older than 4.20.</exception>
    public static RouteClient Open() => new(NetlinkSocket.Open(NetlinkProtocol.Route));

    /// <summary>Opens a client for a network namespace.</summary>
    /// <inheritdoc cref="Open()"/>
    public static RouteClient Open(NetworkNamespace networkNamespace) =>
        new(NetlinkSocket.Open(NetlinkProtocol.Route, networkNamespace));

    /// <summary>Sends a batch and waits for every answer.</summary>
    /// <exception cref="NetlinkException">The first request that was refused; the others have been carried out or refused, too.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public void Execute(RouteBatch batch) => _socket.Execute(batch.Requests);

    /// <summary>Sends a batch, waits for every answer, and returns the refusals in the order of the requests.</summary>
    /// <exception cref="LinuxException">The socket failed.</exception>
    public List<NetlinkException> TryExecute(RouteBatch batch) => _socket.TryExecute(batch.Requests);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static NetlinkWriter BeginGet(
        NetlinkBatch request, ushort type, GetFlags flags, OperationText description, Errno absent = Errno.None) =>
        request.Begin(type, (ushort)flags, description, absent);
}
