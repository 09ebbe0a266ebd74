using System.Net;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Tests.Client;

/// <summary>An interface of the test's own, whose servers are the test.</summary>
internal sealed class FakeLinks : ILinks
{
    private Action<DhcpMessage, MacAddress>? _received4;
    private Action<Dhcp6Message>? _received6;

    public static MacAddress Mac { get; } = new([2, 0, 0, 0, 0, 1]);

    public static MacAddress ServerStation { get; } = new([2, 0, 0, 0, 0, 0xfe]);

    /// <summary>What was sent to servers, not yet looked at.</summary>
    public Queue<(DhcpMessage Message, IPAddress Source, IPAddress Destination, MacAddress Station)> Sent4 { get; } = [];

    public Queue<Dhcp6Message> Sent6 { get; } = [];

    /// <summary>What was done to the interface.</summary>
    public List<string> Changes { get; } = [];

    public bool IsGone { get; set; }

    /// <summary>Called before and behind everything that is done to the interface or sent through it.</summary>
    public Action Step { get; set; } = static () => { };

    public bool IsOpen => _received4 is not null || _received6 is not null;

    public bool Exists(LeaseRequest request, MacAddress expected) => !IsGone && expected == Mac;

    public ILink4 Open4(LeaseRequest request, MacAddress? expected, Action<DhcpMessage, MacAddress> received)
    {
        Step();
        ThrowIfGone();
        _received4 = received;
        return new Link(this, close: () => _received4 = null);
    }

    public ILink6 Open6(LeaseRequest request, MacAddress? expected, Action<Dhcp6Message> received)
    {
        Step();
        ThrowIfGone();
        _received6 = received;
        return new Link(this, close: () => _received6 = null);
    }

    public void Replace(LeaseRequest request, MacAddress expected, Addressing old, Addressing replacement) =>
        Changes.Add($"replace {old.Address} by {replacement.Address}");

    public void Withdraw(LeaseRequest request, MacAddress expected, IpPrefix address)
    {
        Step();
        ThrowIfGone();
        Changes.Add($"withdraw {address}");
        Step();
    }

    public void TakeDown(LeaseRequest request, MacAddress expected) => Changes.Add("down");

    /// <summary>A server's answer to a message.</summary>
    public void Answer(DhcpMessage to, DhcpMessageType type, string address, Action<SortedDictionary<byte, byte[]>>? change = null)
    {
        SortedDictionary<byte, byte[]> options = new()
        {
            [DhcpOption.MessageType] = [(byte)type],
            [DhcpOption.ServerIdentifier] = [10, 0, 0, 1],
            [DhcpOption.SubnetMask] = [255, 255, 255, 0],
            [DhcpOption.LeaseTime] = [0, 0, 0x0e, 0x10],
        };
        change?.Invoke(options);
        DhcpMessage message = new()
        {
            TransactionId = to.TransactionId,
            HardwareAddress = to.HardwareAddress,
            YourAddress = IPAddress.Parse(address),
            Options = options,
        };
        _received4?.Invoke(DhcpMessage.TryParseReply(message.ToReply())!, ServerStation);
    }

    public void Answer(Dhcp6Message answer) => _received6?.Invoke(Dhcp6Message.TryParse(answer.ToBytes())!);

    private void ThrowIfGone()
    {
        if (IsGone)
            throw new LinkGoneException("the interface eth0 is gone");
    }

    private sealed class Link(FakeLinks links, Action close) : ILink4, ILink6
    {
        public MacAddress HardwareAddress => Mac;

        public void Send(DhcpMessage message, IPAddress source, IPAddress destination, MacAddress station)
        {
            links.Step();
            links.Sent4.Enqueue((message, source, destination, station));
            links.Step();
        }

        public void Send(Dhcp6Message message)
        {
            links.Step();
            links.Sent6.Enqueue(message);
            links.Step();
        }

        public void Dispose() => close();
    }
}
