using Linux;
using Linux.Namespaces;
using Netlink.Generic;
using Netlink.Wire;

namespace Netlink.WireGuard;

/// <summary>
/// Keys and peers of the WireGuard tunnels of one network namespace; the tunnels themselves are links
/// (<c>Netlink.Route.Links.WireGuardSpec</c>). Needs Linux 5.6 and CAP_NET_ADMIN. One thread uses it at a time.
/// </summary>
/// <remarks><c>NETLINK_DEBUG</c> shows what passes, keys as well.</remarks>
/// <example><code>
/// using WireGuardClient client = WireGuardClient.Open();
/// client.Set("wg0", new WireGuardChange { PrivateKey = key, ListenPort = 51820, Peers = [new WireGuardPeerChange { … }] });
/// </code></example>
public sealed class WireGuardClient : IDisposable
{
    private const int RequestSize = 8 * 1024;

    private readonly NetlinkSocket _socket;

    /// <summary>
    /// Speaks over a socket of the caller's, of <see cref="NetlinkProtocol.Generic"/>; it is disposed together with the client.
    /// </summary>
    public WireGuardClient(NetlinkSocket socket) => _socket = socket;

    /// <inheritdoc cref="NetlinkSocket.AnswerTimeout"/>
    public TimeSpan AnswerTimeout
    {
        get => _socket.AnswerTimeout;
        set => _socket.AnswerTimeout = value;
    }

    /// <summary>Opens the tunnels of the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no generic netlink.</exception>
    public static WireGuardClient Open() => new(NetlinkSocket.Open(NetlinkProtocol.Generic));

    /// <summary>Opens the tunnels of a network namespace; any thread may use it afterwards.</summary>
    /// <inheritdoc cref="Open()"/>
    public static WireGuardClient Open(NetworkNamespace networkNamespace) =>
        new(NetlinkSocket.Open(NetlinkProtocol.Generic, networkNamespace));

    // WG_CMD_GET_DEVICE:
    //   WGDEVICE_A_IFNAME  string

    /// <summary>A tunnel with its keys and peers; null if there is no interface of that name, or the kernel has no WireGuard.</summary>
    /// <param name="device">Its name.</param>
    /// <exception cref="NetlinkException">The kernel refused; EOPNOTSUPP if the interface is no WireGuard tunnel.</exception>
    public WireGuardDevice? Find(string device)
    {
        if (FindFamily() is not { } family)
            return null;
        NetlinkBatch request = new();
        NetlinkWriter writer = request.Begin(family.Id, (ushort)GetFlags.Dump, $"read keys and peers of {device}");
        GenericMessage.WriteHeader(writer, WireGuardMessage.WG_CMD_GET_DEVICE, WireGuardMessage.WG_GENL_VERSION);
        writer.WriteStringAttribute(WireGuardMessage.WGDEVICE_A_IFNAME, device);
        request.End();
        List<WireGuardDevice> parts =
            _socket.Get(request, static (_, payload) => WireGuardParser.Parse(payload), absent: Errno.ENODEV);
        return parts.Count == 0 ? null : WireGuardParser.Join(parts);
    }

    /// <summary>
    /// Changes a tunnel. A change of many peers or allowed IPs takes several requests, and what is replaced is replaced by the first: until
    /// the last has been carried out, some are absent.
    /// </summary>
    /// <param name="device">Its name.</param>
    /// <param name="change">What is to change.</param>
    /// <exception cref="NetlinkException">
    /// The kernel refused; ENODEV if there is no such interface, EOPNOTSUPP if it is no WireGuard tunnel or the kernel has no WireGuard,
    /// EADDRINUSE if the port is taken.
    /// </exception>
    public void Set(string device, WireGuardChange change)
    {
        GenericFamily family = FindFamily()
            ?? throw new NetlinkException(Errno.EOPNOTSUPP, $"set keys and peers of {device}", "the kernel has no WireGuard");
        _socket.Execute(new WireGuardWriter(family, device, RequestSize).Write(change));
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Each time anew: a module that is loaded again has another number.</summary>
    private GenericFamily? FindFamily() => GenericFamily.Find(_socket, WireGuardMessage.FamilyName);
}
