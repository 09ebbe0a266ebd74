using Linux;
using Linux.Namespaces;
using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Conntrack;

/// <summary>Reads and deletes the connections that the kernel tracks in one network namespace. One thread uses it at a time.</summary>
public sealed class ConntrackClient : IDisposable
{
    // linux/netfilter/nfnetlink.h; enum cntl_msg_types, linux/netfilter/nfnetlink_conntrack.h
    private const byte NFNL_SUBSYS_CTNETLINK = 1;
    private const byte IPCTNL_MSG_CT_GET = 1;
    private const byte IPCTNL_MSG_CT_DELETE = 2;

    private readonly NetlinkSocket _socket;

    /// <summary>
    /// Speaks over a socket of the caller's, of <see cref="NetlinkProtocol.Netfilter"/>; it is disposed together with the client.
    /// </summary>
    public ConntrackClient(NetlinkSocket socket) => _socket = socket;

    /// <inheritdoc cref="NetlinkSocket.AnswerTimeout"/>
    public TimeSpan AnswerTimeout
    {
        get => _socket.AnswerTimeout;
        set => _socket.AnswerTimeout = value;
    }

    /// <summary>Opens the connections of the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no nfnetlink (EPROTONOSUPPORT).</exception>
    public static ConntrackClient Open() => new(NetlinkSocket.Open(NetlinkProtocol.Netfilter));

    /// <summary>Opens the connections of a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open()"/>
    public static ConntrackClient Open(NetworkNamespace networkNamespace) =>
        new(NetlinkSocket.Open(NetlinkProtocol.Netfilter, networkNamespace));

    /// <summary>
    /// The connections that a filter lets through. The kernel filters from 5.8 on; where it does not, or refuses to, all connections of
    /// the family are read and filtered here.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused; EINVAL if it has no nf_conntrack_netlink.</exception>
    public List<ConntrackEntry> List(ConntrackFilter filter)
    {
        try
        {
            return List(filter, filter.Write);
        }
        catch (NetlinkException e) when (e.Errno is Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            return List(filter, static _ => { });
        }
    }

    /// <summary>
    /// Deletes connections that were listed: exactly these, not later ones with the same addresses and ports. One that is gone by now is
    /// no error.
    /// </summary>
    /// <exception cref="NetlinkException">The first deletion that was refused; the others have been tried.</exception>
    public void Delete(IReadOnlyCollection<ConntrackEntry> entries)
    {
        NetlinkBatch batch = new();
        foreach (ConntrackEntry entry in entries)
        {
            NetlinkWriter writer = batch.Begin(
                NetfilterMessage.TypeOf(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE),
                (ushort)RequestFlags.Acknowledge,
                $"delete connection {entry.Original}",
                tolerated: Errno.ENOENT);
            NetfilterMessage.WriteHeader(writer, NetfilterMessage.FamilyOf(entry.Original.Family));
            entry.WriteIdentity(writer);
            batch.End();
        }
        _socket.Execute(batch);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private List<ConntrackEntry> List(ConntrackFilter filter, Action<NetlinkWriter> writeFilter)
    {
        NetlinkBatch request = new();
        NetlinkWriter writer = request.Begin(
            NetfilterMessage.TypeOf(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET), (ushort)GetFlags.Dump, "list connections");
        NetfilterMessage.WriteHeader(writer, NetfilterMessage.FamilyOf(filter.Family));
        writeFilter(writer);
        request.End();
        return _socket.Get(request, (_, payload) => ConntrackEntry.Read(payload) is { } entry && filter.Allows(entry) ? entry : null);
    }
}
