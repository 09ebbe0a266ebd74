namespace Netlink.Tests.Nftables;

/// <summary>The kernel, and how many datagrams went to it.</summary>
internal sealed class CountingTransport(INetlinkTransport kernel) : INetlinkTransport
{
    public int Sent { get; set; }

    public uint PortId => kernel.PortId;

    public void Send(ReadOnlySpan<byte> datagram)
    {
        Sent++;
        kernel.Send(datagram);
    }

    public int ReceiveBuffer => kernel.ReceiveBuffer;

    public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default) =>
        kernel.Receive(timeout, cancellation);

    public void GrowReceiveBuffer(int bytes) => kernel.GrowReceiveBuffer(bytes);

    public void Join(int group) => kernel.Join(group);

    public void Renew() => kernel.Renew();

    public void Dispose() => kernel.Dispose();
}
