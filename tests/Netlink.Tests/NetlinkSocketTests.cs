using Linux;
using Netlink.Testing;
using Netlink.Wire;
using static Netlink.Testing.ScriptedTransport;

namespace Netlink.Tests;

public sealed class NetlinkSocketTests : IDisposable
{
    private const ushort Type = 16;
    private const ushort Ack = (ushort)RequestFlags.Acknowledge;
    private const ushort Dump = (ushort)GetFlags.Dump;

    // NLMSGERR_ATTR_MSG "no", NLMSGERR_ATTR_OFFS 20
    private const string Explanation = "0700 0100 6e6f00 00  0800 0200 14000000";

    private readonly ScriptedTransport _kernel = new();
    private readonly NetlinkSocket _socket;

    public NetlinkSocketTests() => _socket = new NetlinkSocket(_kernel);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void Requests_are_numbered_from_1_on_and_acknowledged_together()
    {
        _kernel.OnSend(r => [Error(r[0].Sequence), Error(r[1].Sequence)]).OnSend(r => [Error(r[0].Sequence)]);
        _socket.Execute(Batch("a", "b"));
        _socket.Execute(Batch("c"));
        Assert.Equal([1u, 2u, 3u], _kernel.Sent.SelectMany(static r => r).Select(r => r.Sequence));
        Assert.All(_kernel.Sent.SelectMany(static r => r), r => Assert.Equal(0x5, r.Flags));
    }

    [Fact]
    public void An_empty_batch_sends_nothing()
    {
        _socket.Execute(new NetlinkBatch());
        Assert.Empty(_kernel.Sent);
    }

    [Fact]
    public void Acknowledgements_may_share_a_datagram()
    {
        _kernel.OnSend(r => [Datagram(Error(r[0].Sequence), Error(r[1].Sequence), Error(r[2].Sequence))]);
        _socket.Execute(Batch("a", "b", "c"));
    }

    [Fact]
    public void A_refusal_names_its_request_and_explains_itself()
    {
        _kernel.OnSend(r => [Error(r[0].Sequence), Error(r[1].Sequence, Errno.EINVAL, Hex.Parse(Explanation)), Error(r[2].Sequence)]);
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => _socket.Execute(Batch("a", "b", "c")));
        Assert.Equal((Errno.EINVAL, "b", "no", 20), (refusal.Errno, refusal.Operation, refusal.Explanation, refusal.Offset));
        Assert.Equal("b: EINVAL, invalid argument: no", refusal.Message);
    }

    [Fact]
    public void An_explanation_stands_behind_a_request_that_is_repeated_whole()
    {
        // nlmsg_len 19, so one byte of padding before the attributes.
        byte[] payload = [.. BitConverter.GetBytes(-22), .. Message(Type, 0, 1, [1, 2, 3]), .. Hex.Parse(Explanation)];
        _kernel.OnSend(r => [Message(2, AnswerFlags.ExtendedAcknowledgement, r[0].Sequence, payload)]);
        Assert.Equal("no", Assert.Throws<NetlinkException>(() => _socket.Execute(Batch("a"))).Explanation);
    }

    [Fact]
    public void All_refusals_are_returned_in_order()
    {
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.EEXIST), Error(r[1].Sequence), Error(r[2].Sequence, Errno.ENODEV)]);
        List<NetlinkException> refusals = _socket.TryExecute(Batch("a", "b", "c"));
        Assert.Equal([("a", Errno.EEXIST), ("c", Errno.ENODEV)], refusals.Select(r => (r.Operation, r.Errno)));
    }

    [Fact]
    public void Only_the_tolerated_error_is_tolerated()
    {
        NetlinkBatch batch = Batch("a", "b");
        Begin(batch, "c", Ack, Errno.EEXIST);
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.EEXIST), Error(r[1].Sequence), Error(r[2].Sequence, Errno.EEXIST)]);
        Assert.Equal(["a"], _socket.TryExecute(batch).Select(r => r.Operation));
    }

    [Fact]
    public void An_error_of_a_guard_is_the_only_answer_to_its_batch()
    {
        NetlinkBatch batch = new();
        Begin(batch, "begin", Ack, guardsAll: true);
        Begin(batch, "add", Ack);
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.EPERM)]);
        Assert.Equal(["begin"], _socket.TryExecute(batch).Select(r => r.Operation));
    }

    [Fact]
    public void A_request_without_acknowledgement_is_not_waited_for_beside_one_with()
    {
        NetlinkBatch batch = new();
        Begin(batch, "begin", 0);
        Begin(batch, "add", Ack);
        Begin(batch, "end", 0);
        _kernel.OnSend(r => [Error(r[1].Sequence)]);
        _socket.Execute(batch);
    }

    [Fact]
    public void A_refused_request_without_acknowledgement_is_reported()
    {
        NetlinkBatch batch = new();
        Begin(batch, "quiet", 0);
        Begin(batch, "loud", Ack);
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.EINVAL), Error(r[1].Sequence)]);
        Assert.Equal(["quiet"], _socket.TryExecute(batch).Select(r => r.Operation));
    }

    [Fact]
    public void Answers_to_earlier_requests_and_to_others_are_passed_over()
    {
        _kernel.OnSend(r =>
        [
            Error(r[0].Sequence - 1, Errno.EINVAL),
            Message(Type, 0, r[0].Sequence, [1, 2, 3, 4], portId: 1),
            Message(2, 0, 0, BitConverter.GetBytes(-22)),
            Message(1, 0, r[0].Sequence, []),
            Error(r[0].Sequence),
        ]);
        _socket.Execute(Batch("a"));
    }

    [Fact]
    public void A_single_answer_needs_no_end()
    {
        _kernel.OnSend(r => [Message(Type, 0, r[0].Sequence, [1, 0, 0, 0])]);
        Assert.Equal(["1"], _socket.Get(Get(0), First));
    }

    [Fact]
    public void A_dump_goes_on_to_its_end_over_several_datagrams()
    {
        _kernel.OnSend(r => [Datagram(Item(r, 1), Item(r, 2)), Item(r, 3), Done(r[0].Sequence)]);
        Assert.Equal(["1", "2", "3"], _socket.Get(Get(Dump), First));
    }

    [Fact]
    public void What_the_parser_leaves_out_is_not_in_the_list()
    {
        _kernel.OnSend(r => [Item(r, 1), Item(r, 2), Done(r[0].Sequence)]);
        Assert.Equal(["2"], _socket.Get(Get(Dump), static (_, payload) => payload[0] == 1 ? null : payload[0].ToString(null, null)));
    }

    [Fact]
    public void An_empty_dump_is_an_empty_list()
    {
        _kernel.OnSend(r => [Done(r[0].Sequence)]);
        Assert.Empty(_socket.Get(Get(Dump), First));
    }

    [Fact]
    public void An_end_without_a_status_is_an_end()
    {
        _kernel.OnSend(r => [Item(r, 1), Message(3, AnswerFlags.Multipart, r[0].Sequence, [])]);
        Assert.Equal(["1"], _socket.Get(Get(Dump), First));
    }

    [Fact]
    public void An_error_at_the_end_of_a_dump_is_the_dumps_error()
    {
        _kernel.OnSend(r => [Item(r, 1), Done(r[0].Sequence, Errno.EINVAL, attributes: Hex.Parse(Explanation))]);
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => _socket.Get(Get(Dump), First));
        Assert.Equal((Errno.EINVAL, "get", "no"), (refusal.Errno, refusal.Operation, refusal.Explanation));
    }

    [Fact]
    public void An_absent_object_is_an_empty_list()
    {
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.ENODEV)]).OnSend(r => [Done(r[0].Sequence, Errno.ENOENT)]);
        Assert.Empty(_socket.Get(Get(0), First, absent: Errno.ENODEV));
        Assert.Empty(_socket.Get(Get(Dump), First));
    }

    [Fact]
    public void Another_error_than_absence_is_thrown()
    {
        _kernel.OnSend(r => [Error(r[0].Sequence, Errno.EPERM)]);
        Assert.Equal(Errno.EPERM, Assert.Throws<NetlinkException>(() => _socket.Get(Get(0), First)).Errno);
    }

    [Fact]
    public void An_interrupted_dump_is_read_to_its_end_and_asked_for_again()
    {
        _kernel
            .OnSend(r => [Item(r, 1), Item(r, 2, AnswerFlags.DumpInterrupted), Item(r, 2), Done(r[0].Sequence)])
            .OnSend(r => [Item(r, 1), Done(r[0].Sequence, flags: AnswerFlags.Multipart | AnswerFlags.DumpInterrupted)])
            .OnSend(r => [Item(r, 1), Item(r, 2), Done(r[0].Sequence)]);
        Assert.Equal(["1", "2"], _socket.Get(Get(Dump), First));
        Assert.Equal([1u, 2u, 3u], _kernel.Sent.Select(r => r[0].Sequence));
    }

    [Fact]
    public void A_dump_that_never_stands_still_is_EBUSY()
    {
        for (int i = 0; i < 20; i++)
            _kernel.OnSend(r => [Done(r[0].Sequence, flags: AnswerFlags.Multipart | AnswerFlags.DumpInterrupted)]);
        Assert.Equal(Errno.EBUSY, Assert.Throws<NetlinkException>(() => _socket.Get(Get(Dump), First)).Errno);
    }

    [Fact]
    public void After_a_datagram_that_makes_no_sense_the_next_request_still_works()
    {
        _kernel
            .OnSend(r => [Hex.Parse("ffffffff 1000 0000 01000000 67120000"), Error(r[0].Sequence)])
            .OnSend(r => [Error(r[0].Sequence)]);
        Assert.Throws<WireFormatException>(() => _socket.Execute(Batch("a")));
        _socket.Execute(Batch("b"));
    }

    [Fact]
    public void An_error_message_without_an_error_makes_no_sense()
    {
        _kernel.OnSend(r => [Message(2, 0, r[0].Sequence, [])]);
        Assert.Throws<WireFormatException>(() => _socket.Execute(Batch("a")));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    public void An_error_message_that_ends_before_its_explanation_makes_no_sense(int size)
    {
        byte[] payload = new byte[size];
        BitConverter.GetBytes(-22).CopyTo(payload, 0);
        _kernel.OnSend(r => [Message(2, AnswerFlags.ExtendedAcknowledgement | AnswerFlags.Capped, r[0].Sequence, payload)]);
        Assert.Throws<WireFormatException>(() => _socket.Execute(Batch("a")));
    }

    [Fact]
    public void Sequence_numbers_begin_again_before_they_overflow()
    {
        using NetlinkSocket socket = new(_kernel, sequence: uint.MaxValue - 2);
        _kernel.OnSend(r => [Error(r[0].Sequence)]).OnSend(r => [Error(r[0].Sequence), Error(r[1].Sequence)]);
        socket.Execute(Batch("a"));
        socket.Execute(Batch("b", "c"));
        Assert.Equal([uint.MaxValue - 1, 1u, 2u], _kernel.Sent.SelectMany(static r => r).Select(r => r.Sequence));
    }

    [Fact]
    public void A_notification_ends_the_wait_for_one()
    {
        _socket.Join(1);
        Assert.Equal([1], _kernel.Groups);
        Assert.False(_socket.WaitForNotification(TimeSpan.Zero));
        _kernel.OnSend(r => [Error(r[0].Sequence), Message(Type, 0, 0, [0, 0, 0, 0], portId: 0)]);
        _socket.Execute(Batch("a"));
        Assert.True(_socket.WaitForNotification(TimeSpan.Zero));
        Assert.False(_socket.WaitForNotification(TimeSpan.Zero));
    }

    private static NetlinkBatch Batch(params ReadOnlySpan<string> descriptions)
    {
        NetlinkBatch batch = new();
        foreach (string description in descriptions)
            Begin(batch, description, Ack);
        return batch;
    }

    private static NetlinkBatch Get(ushort flags)
    {
        NetlinkBatch batch = new();
        Begin(batch, "get", flags);
        return batch;
    }

    private static void Begin(
        NetlinkBatch batch, string description, ushort flags, Errno tolerated = Errno.None, bool guardsAll = false)
    {
        _ = batch.Begin(Type, flags, description, tolerated, guardsAll);
        batch.End();
    }

    private static byte[] Item(ScriptedRequest[] requests, byte value, AnswerFlags flags = AnswerFlags.None) =>
        Message(Type, AnswerFlags.Multipart | flags, requests[0].Sequence, [value, 0, 0, 0]);

    private static string? First(ushort type, ReadOnlySpan<byte> payload) => payload[0].ToString(null, null);
}
