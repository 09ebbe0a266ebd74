using Linux;
using Netlink.Testing;
using Netlink.Wire;
using static Netlink.Testing.ScriptedTransport;

namespace Netlink.Tests;

/// <summary>
/// Batches whose answers, or which themselves, are larger than a socket's buffers, and what happens when answers are lost.
/// </summary>
public sealed class NetlinkSocketSizeTests
{
    private const ushort Type = 16;
    private const ushort Ack = (ushort)RequestFlags.Acknowledge;

    [Theory]
    [InlineData(212_992)]
    [InlineData(4_608)]
    public void No_more_is_asked_for_at_once_than_the_receive_buffer_holds_answers(int receiveBuffer)
    {
        const int AcknowledgementOfAnyKernel = 1024;
        using ScriptedTransport kernel = new() { ReceiveBuffer = receiveBuffer };
        using NetlinkSocket socket = new(kernel);
        AnswerAll(kernel, 1000, static one => [Error(one.Sequence)]);
        socket.Execute(Batch(1000));
        Assert.Equal(1000, kernel.Sent.Sum(static sent => sent.Length));
        Assert.All(kernel.Sent, sent => Assert.True(sent.Length <= Math.Max(receiveBuffer / AcknowledgementOfAnyKernel, 1)));
        Assert.Equal(
            Enumerable.Range(1, 1000).Select(static number => (uint)number),
            kernel.Sent.SelectMany(static sent => sent).Select(static one => one.Sequence));
        Assert.Empty(kernel.Growths);
    }

    [Fact]
    public void Few_requests_are_one_datagram_and_leave_the_buffers_alone()
    {
        using ScriptedTransport kernel = new() { ReceiveBuffer = 1 };
        using NetlinkSocket socket = new(kernel);
        kernel.OnSend(static sent => sent.Select(static one => Error(one.Sequence)));
        socket.Execute(Batch(16));
        _ = Assert.Single(kernel.Sent);
    }

    [Fact]
    public void Large_requests_travel_in_several_datagrams()
    {
        using ScriptedTransport kernel = new() { SendBuffer = 16 * 1024 };
        using NetlinkSocket socket = new(kernel);
        AnswerAll(kernel, 40, static one => [Error(one.Sequence)]);
        socket.Execute(Batch(40, payload: 1000));
        Assert.Equal(40, kernel.Sent.Sum(static sent => sent.Length));
    }

    [Fact]
    public void Refusals_of_all_datagrams_come_in_order()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        AnswerAll(kernel, 1000, static one => [Error(one.Sequence, one.Sequence % 100 == 0 ? Errno.EEXIST : Errno.None)]);
        Assert.Equal(
            Enumerable.Range(1, 10).Select(static hundred => $"request {(hundred * 100) - 1}"),
            socket.TryExecute(Batch(1000)).Select(static refusal => refusal.Operation));
    }

    [Fact]
    public void Transaction_is_one_datagram_and_gets_room_for_a_refusal_of_each_request()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        kernel.OnSend(static sent => sent.Select(static one => Error(one.Sequence, Errno.EEXIST)));
        NetlinkBatch batch = new();
        Append(batch, "begin", 0, guardsAll: true);
        for (int i = 0; i < 999; i++)
            Append(batch, "create", Ack);
        _ = socket.TryExecute(batch);
        _ = Assert.Single(kernel.Sent);
        Assert.True(Assert.Single(kernel.Growths) >= 1000 * 1024);
    }

    [Fact]
    public void Request_that_cannot_be_sent_is_refused_and_what_stands_behind_it_is_not_sent()
    {
        using ScriptedTransport kernel = new() { SendBuffer = 5000 };
        using NetlinkSocket socket = new(kernel);
        NetlinkBatch batch = Batch(1, payload: 20_000);
        Append(batch, "behind", Ack);
        NetlinkException refusal = Assert.Single(socket.TryExecute(batch));
        Assert.Equal((Errno.EMSGSIZE, "request 0"), (refusal.Errno, refusal.Operation));
        Assert.Contains("net.core.wmem_max", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.Sent);
    }

    [Fact]
    public void Change_whose_answer_was_dropped_is_an_error_and_the_socket_is_replaced()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        kernel
            .OnSend(static sent => [Error(sent[0].Sequence), [], Error(sent[1].Sequence)])
            .OnSend(static sent => [Error(sent[0].Sequence)]);
        NetlinkException loss = Assert.Throws<NetlinkException>(() => socket.TryExecute(Batch(2)));
        Assert.Equal((Errno.ENOBUFS, "request 1"), (loss.Errno, loss.Operation));
        Assert.Equal(0, kernel.Renewals);
        socket.Execute(Batch(1));
        Assert.Equal(1, kernel.Renewals);
    }

    [Fact]
    public void Answer_that_does_not_come_is_an_error_that_names_the_request_and_the_socket_is_replaced()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel) { AnswerTimeout = TimeSpan.FromSeconds(3) };
        kernel.OnSend(static _ => []).OnSend(static sent => [Error(sent[0].Sequence)]);
        NetlinkException late = Assert.Throws<NetlinkException>(() => socket.Execute(Batch(1)));
        Assert.Equal((Errno.ETIMEDOUT, "request 0"), (late.Errno, late.Operation));
        Assert.Contains("within 3 s", late.Message, StringComparison.Ordinal);
        socket.Execute(Batch(1));
        Assert.Equal(1, kernel.Renewals);
    }

    [Fact]
    public void What_answers_nobody_does_not_lengthen_the_wait()
    {
        using EndlessTransport kernel = new();
        using NetlinkSocket socket = new(kernel) { AnswerTimeout = TimeSpan.FromMilliseconds(50) };
        Assert.Equal(Errno.ETIMEDOUT, Assert.Throws<NetlinkException>(() => socket.Execute(Batch(1))).Errno);
    }

    [Fact]
    public void Reading_whose_answers_were_dropped_is_repeated_in_smaller_portions()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        kernel.OnSend(static _ => [[]]).OnSend(static _ => [[]]);
        AnswerAll(kernel, 200, static one => [Message(Type, 0, one.Sequence, [7, 0, 0, 0]), Error(one.Sequence)]);
        Assert.Equal(200, socket.Get(Batch(200), static (_, payload) => payload[0].ToString(null, null)).Count);
        Assert.Equal(2, kernel.Renewals);
        Assert.True(kernel.Sent[0].Length > kernel.Sent[1].Length && kernel.Sent[1].Length > kernel.Sent[2].Length);
    }

    [Fact]
    public void Reading_whose_answers_are_always_dropped_ends_in_an_error()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        for (int i = 0; i < 5; i++)
            kernel.OnSend(static _ => [[]]);
        Assert.Equal(Errno.ENOBUFS, Assert.Throws<NetlinkException>(() => socket.Get<string>(Batch(1), static (_, _) => null)).Errno);
    }

    [Fact]
    public void Answers_that_an_exception_left_unread_go_with_their_socket()
    {
        using ScriptedTransport kernel = new();
        using NetlinkSocket socket = new(kernel);
        kernel
            .OnSend(static _ => [Hex.Parse("ffffffff 1000 0000 01000000 67120000")])
            .OnSend(static sent => [Error(sent[0].Sequence)]);
        Assert.Throws<WireFormatException>(() => socket.Execute(Batch(1)));
        socket.Execute(Batch(1));
        Assert.Equal(1, kernel.Renewals);
    }

    private static NetlinkBatch Batch(int count, int payload = 0)
    {
        NetlinkBatch batch = new();
        for (int i = 0; i < count; i++)
            Append(batch, $"request {i}", Ack, payload);
        return batch;
    }

    private static void Append(NetlinkBatch batch, string description, ushort flags, int payload = 0, bool guardsAll = false)
    {
        NetlinkWriter writer = batch.Begin(Type, flags, description, guardsAll: guardsAll);
        for (int i = 0; i < payload; i++)
            writer.WriteUInt8(0);
        batch.End();
    }

    /// <summary>Answers as many datagrams as it takes until so many requests have come.</summary>
    private static void AnswerAll(ScriptedTransport kernel, int count, Func<ScriptedRequest, byte[][]> answer) => kernel.OnSend(sent =>
    {
        if (count > sent.Length)
            AnswerAll(kernel, count - sent.Length, answer);
        return sent.SelectMany(answer);
    });

    /// <summary>Always has something for somebody else.</summary>
    private sealed class EndlessTransport : INetlinkTransport
    {
        public uint PortId => 4711;

        public int ReceiveBuffer => 212_992;

        public void Send(ReadOnlySpan<byte> datagram)
        {
        }

        public ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default) => timeout > TimeSpan.Zero
            ? Message(Type, 0, 4712, [])
            : throw new LinuxException(Errno.ETIMEDOUT, "receive");

        public void GrowReceiveBuffer(int bytes)
        {
        }

        public void Join(int group)
        {
        }

        public void Renew()
        {
        }

        public void Dispose()
        {
        }
    }
}
