using System.Buffers.Binary;
using System.Net;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>The messages of one DHCPv4 client, with the options of RFC 2131, table 5, and those of its configuration.</summary>
/// <param name="request">Whose they are.</param>
/// <param name="broadcast">Ask servers to broadcast their answers.</param>
internal sealed class Message4Writer(LeaseRequest request, bool broadcast)
{
    // What fits into an Ethernet frame behind the headers of IP and UDP.
    private const ushort MaxMessageSize = 1472;

    /// <summary>Asks everybody for an offer.</summary>
    public DhcpMessage Discover(uint transaction, MacAddress mac, TimeSpan elapsed) =>
        Write(DhcpMessageType.Discover, transaction, mac, elapsed, IPAddress.Any, []);

    /// <summary>Takes an offer.</summary>
    public DhcpMessage Select(uint transaction, MacAddress mac, TimeSpan elapsed, DhcpMessage offer) => Write(
        DhcpMessageType.Request,
        transaction,
        mac,
        elapsed,
        IPAddress.Any,
        [(DhcpOption.RequestedAddress, offer.YourAddress), (DhcpOption.ServerIdentifier, offer.Server!)]);

    /// <summary>Asks for the address of a former lease (INIT-REBOOT).</summary>
    public DhcpMessage Reboot(uint transaction, MacAddress mac, TimeSpan elapsed, IPAddress wanted) =>
        Write(DhcpMessageType.Request, transaction, mac, elapsed, IPAddress.Any, [(DhcpOption.RequestedAddress, wanted)]);

    /// <summary>Asks for more time.</summary>
    public DhcpMessage Renew(uint transaction, Lease4 lease) =>
        Write(DhcpMessageType.Request, transaction, lease.HardwareAddress, TimeSpan.Zero, lease.Address.Address, []);

    /// <summary>Gives the address back: of all options only those that say whose and whom.</summary>
    public DhcpMessage Release(uint transaction, Lease4 lease)
    {
        SortedDictionary<byte, byte[]> options = new()
        {
            [DhcpOption.MessageType] = [(byte)DhcpMessageType.Release],
            [DhcpOption.ServerIdentifier] = lease.Message.Server!.GetAddressBytes(),
            [DhcpOption.ClientIdentifier] = request.ClientId,
        };
        return new DhcpMessage
        {
            TransactionId = transaction,
            ClientAddress = lease.Address.Address,
            HardwareAddress = lease.HardwareAddress,
            Options = options,
        };
    }

    private DhcpMessage Write(
        DhcpMessageType type,
        uint transaction,
        MacAddress mac,
        TimeSpan elapsed,
        IPAddress own,
        ReadOnlySpan<(byte Code, IPAddress Address)> more)
    {
        byte[] maxSize = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(maxSize, MaxMessageSize);
        SortedDictionary<byte, byte[]> options = new() { [DhcpOption.MaxMessageSize] = maxSize };
        if (request.RequestedOptions.Count > 0)
            options[DhcpOption.ParameterRequestList] = [.. request.RequestedOptions];
        foreach ((byte code, byte[] value) in request.Options)
            options[code] = value;
        foreach ((byte code, IPAddress address) in more)
            options[code] = address.GetAddressBytes();
        options[DhcpOption.MessageType] = [(byte)type];
        options[DhcpOption.ClientIdentifier] = request.ClientId;
        return new DhcpMessage
        {
            TransactionId = transaction,
            Seconds = (ushort)Math.Min(elapsed.TotalSeconds, ushort.MaxValue),
            // Who has the address receives what is sent to it.
            Broadcast = broadcast && own.Equals(IPAddress.Any),
            ClientAddress = own,
            HardwareAddress = mac,
            Options = options,
        };
    }
}
