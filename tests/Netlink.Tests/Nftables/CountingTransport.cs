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

    public ReadOnlySpan<byte> Receive() => kernel.Receive();

    public bool WaitReadable(TimeSpan timeout) => kernel.WaitReadable(timeout);

    public void GrowBuffers(int sendBytes, int receiveBytes) => kernel.GrowBuffers(sendBytes, receiveBytes);

    public void Join(int group) => kernel.Join(group);

    public void Dispose() => kernel.Dispose();
}
