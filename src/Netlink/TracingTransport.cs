using Linux;
using Netlink.Wire;

namespace Netlink;

/// <summary>Passes everything on and tells a listener what passes.</summary>
internal sealed class TracingTransport(INetlinkTransport transport, NetlinkProtocol protocol, Action<string> listener) : INetlinkTransport
{
    private readonly MessageText _text = new(
        new MessageSchema((MessageProtocol)protocol), static errno => ((Errno)errno).Describe());

    /// <inheritdoc/>
    public uint PortId => transport.PortId;

    /// <inheritdoc/>
    public int ReceiveBuffer => transport.ReceiveBuffer;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        listener(_text.Describe('>', datagram));
        transport.Send(datagram);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default)
    {
        try
        {
            ReadOnlySpan<byte> datagram = transport.Receive(timeout, cancellation);
            listener(_text.Describe('<', datagram));
            return datagram;
        }
        catch (LinuxException e)
        {
            listener($"< {e.Message}");
            throw;
        }
    }

    /// <inheritdoc/>
    public void GrowReceiveBuffer(int bytes) => transport.GrowReceiveBuffer(bytes);

    /// <inheritdoc/>
    public void Join(int group)
    {
        listener($"  join group {group}");
        transport.Join(group);
    }

    /// <inheritdoc/>
    public void Renew()
    {
        listener("  a new socket");
        transport.Renew();
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();
}
