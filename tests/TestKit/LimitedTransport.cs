using Linux;
using Linux.Namespaces;
using Netlink;

namespace TestKit;

/// <summary>
/// The kernel for a process without CAP_NET_ADMIN in the initial user namespace, on a host whose net.core.wmem_max is small, or that
/// misjudges how much its answers take.
/// </summary>
public sealed class LimitedTransport : INetlinkTransport
{
    private readonly KernelTransport _kernel;
    private readonly int _largest;
    private readonly int? _claimed;
    private readonly Queue<(int Send, Errno Loss)> _losses = new();
    private Errno _loss;

    /// <param name="largest">The largest datagram that can be sent.</param>
    /// <param name="claimed">What is told of the receive buffer; null for the truth.</param>
    public LimitedTransport(NetlinkProtocol protocol, NetworkNamespace networkNamespace, int largest = int.MaxValue, int? claimed = null)
    {
        _kernel = networkNamespace.Run(() => new KernelTransport(protocol));
        _largest = largest;
        _claimed = claimed;
    }

    /// <summary>Called before each datagram.</summary>
    public Action BeforeSend { get; set; } = static () => { };

    /// <summary>Datagrams sent.</summary>
    public int Sent { get; private set; }

    public uint PortId => _kernel.PortId;

    public int ReceiveBuffer => _claimed ?? _kernel.ReceiveBuffer;

    /// <summary>Loses the answer to a datagram, counted from 1 on.</summary>
    public void LoseAnswerTo(int number, Errno how) => _losses.Enqueue((number, how));

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > _largest)
            throw new LinuxException(Errno.EMSGSIZE, "send");
        BeforeSend();
        _kernel.Send(datagram);
        Sent++;
        _loss = _losses.TryPeek(out (int Send, Errno How) next) && next.Send == Sent ? _losses.Dequeue().Loss : Errno.None;
    }

    public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default) =>
        _loss == Errno.None ? _kernel.Receive(timeout, cancellation) : throw new LinuxException(_loss, "receive");

    public void GrowReceiveBuffer(int bytes)
    {
        if (_claimed is null)
            _kernel.GrowReceiveBuffer(bytes);
    }

    public void Join(int group) => _kernel.Join(group);

    public void Renew() => _kernel.Renew();

    public void Dispose() => _kernel.Dispose();
}
