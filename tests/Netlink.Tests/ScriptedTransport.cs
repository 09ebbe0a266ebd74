using System.Runtime.InteropServices;
using Linux;
using Netlink.Wire;

namespace Netlink.Tests;

/// <summary>Plays the kernel: each datagram that is sent calls the next step of a script, whose datagrams are then received.</summary>
internal sealed class ScriptedTransport : INetlinkTransport
{
    private readonly Queue<Func<Request[], IEnumerable<byte[]>>> _script = new();
    private readonly Queue<byte[]> _received = new();

    public uint PortId => 4711;

    public List<Request[]> Sent { get; } = [];

    public List<int> Growths { get; } = [];

    /// <summary>How often a new socket took the place of this one; what was not read is lost then.</summary>
    public int Renewals { get; private set; }

    /// <summary>The largest datagram that can be sent.</summary>
    public int SendBuffer { get; init; } = int.MaxValue;

    public int ReceiveBuffer { get; init; } = 212_992;

    public List<int> Groups { get; } = [];

    /// <summary>What the kernel answers to the next datagram.</summary>
    public ScriptedTransport OnSend(Func<Request[], IEnumerable<byte[]>> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > SendBuffer)
            throw new LinuxException(Errno.EMSGSIZE, "send");
        List<Request> requests = [];
        MessageReader messages = new(datagram);
        while (messages.MoveNext())
            requests.Add(new Request(messages.Type, (ushort)messages.Flags, messages.Sequence, messages.Payload.ToArray()));
        Sent.Add([.. requests]);
        foreach (byte[] answer in _script.Dequeue()([.. requests]))
            _received.Enqueue(answer);
    }

    /// <summary>An empty datagram stands for one that the kernel had to drop.</summary>
    public ReadOnlySpan<byte> Receive(TimeSpan timeout)
    {
        if (!_received.TryDequeue(out byte[]? datagram))
            throw new LinuxException(Errno.ETIMEDOUT, "receive");
        return datagram.Length > 0 ? datagram : throw new LinuxException(Errno.ENOBUFS, "receive");
    }

    public void GrowReceiveBuffer(int bytes) => Growths.Add(bytes);

    public void Renew()
    {
        Renewals++;
        _received.Clear();
    }

    public void Join(int group) => Groups.Add(group);

    public void Dispose() => Assert.Empty(_script);

    /// <summary>A datagram of messages.</summary>
    public static byte[] Datagram(params ReadOnlySpan<byte[]> messages)
    {
        List<byte> bytes = [];
        foreach (byte[] message in messages)
            bytes.AddRange(message);
        return [.. bytes];
    }

    /// <summary>A message to the socket.</summary>
    public static byte[] Message(ushort type, AnswerFlags flags, uint sequence, ReadOnlySpan<byte> payload, uint portId = 4711)
    {
        byte[] bytes = new byte[NetlinkWriter.Align(16 + payload.Length)];
        MemoryMarshal.Write(bytes, 16 + payload.Length);
        MemoryMarshal.Write(bytes.AsSpan(4), type);
        MemoryMarshal.Write(bytes.AsSpan(6), (ushort)flags);
        MemoryMarshal.Write(bytes.AsSpan(8), sequence);
        MemoryMarshal.Write(bytes.AsSpan(12), portId);
        payload.CopyTo(bytes.AsSpan(16));
        return bytes;
    }

    /// <summary>NLMSG_ERROR with the header of its request only; without an error, an acknowledgement.</summary>
    public static byte[] Error(uint sequence, Errno errno = Errno.None, string attributes = "")
    {
        byte[] tail = Hex.Parse(attributes);
        byte[] payload = new byte[20 + tail.Length];
        MemoryMarshal.Write(payload, -(int)errno);
        // The repeated header: its length is that of the whole request, whatever is repeated.
        MemoryMarshal.Write(payload.AsSpan(4), 100);
        tail.CopyTo(payload, 20);
        return Message(2, AnswerFlags.Capped | (tail.Length > 0 ? AnswerFlags.ExtendedAcknowledgement : 0), sequence, payload);
    }

    /// <summary>NLMSG_DONE.</summary>
    public static byte[] Done(uint sequence, Errno errno = Errno.None, AnswerFlags flags = AnswerFlags.Multipart, string attributes = "")
    {
        byte[] tail = Hex.Parse(attributes);
        byte[] payload = new byte[4 + tail.Length];
        MemoryMarshal.Write(payload, -(int)errno);
        tail.CopyTo(payload, 4);
        return Message(3, flags | (tail.Length > 0 ? AnswerFlags.ExtendedAcknowledgement : 0), sequence, payload);
    }

    internal sealed record Request(ushort Type, ushort Flags, uint Sequence, byte[] Payload);
}
