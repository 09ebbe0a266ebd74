using Linux;
using Netlink.Netfilter;
using Netlink.Nftables;
using Netlink.Testing;
using Netlink.Wire;
using static Netlink.Testing.ScriptedTransport;

namespace Netlink.Tests.Nftables;

/// <summary>What a batch makes of answers that are hard to get out of a kernel.</summary>
public sealed class NftBatchAnswerTests
{
    private static readonly NftTable Table = new(NftFamily.Inet, "t");

    [Fact]
    public void Failed_commit_is_reported_at_once_and_late_acknowledgements_do_not_disturb_the_next_batch()
    {
        // The kernel says first that the commit failed, and delivers the acknowledgements of the operations nevertheless.
        ScriptedTransport kernel = new ScriptedTransport()
            .OnSend(static sent => [Error(sent[0].Sequence, Errno.ENOMEM), Error(sent[1].Sequence)])
            .OnSend(static sent => [Error(sent[1].Sequence, Errno.EEXIST)]);
        using NftClient client = new(new NetlinkSocket(kernel));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => client.Execute(new NftBatch().AddTable(Table)));
        Assert.Equal((Errno.ENOMEM, "nftables batch"), (refusal.Errno, refusal.Operation));
        refusal = Assert.Throws<NetlinkException>(() => client.Execute(new NftBatch().CreateTable(Table)));
        Assert.Equal((Errno.EEXIST, "create table inet t"), (refusal.Errno, refusal.Operation));
    }

    [Fact]
    public void Refusals_without_an_acknowledgement_are_all_read_before_the_end()
    {
        ScriptedTransport kernel = new ScriptedTransport().OnSend(static sent =>
            [Error(sent[1].Sequence, Errno.EEXIST), Error(sent[2].Sequence, Errno.ENOENT), Error(sent[3].Sequence)]);
        using NftClient client = new(new NetlinkSocket(kernel));
        List<NetlinkException> refusals = client.TryExecute(
            new NftBatch().CreateTable(Table).DeleteChain(new NftChain(Table, "c")).AddTable(Table));
        Assert.Equal([Errno.EEXIST, Errno.ENOENT], refusals.Select(static refusal => refusal.Errno));
    }

    [Fact]
    public void Ruleset_that_never_stands_still_ends_in_an_error()
    {
        // Every reading finds the element, and every deletion meets a newer generation.
        NftSet set = new(Table, "s", NftDataType.Mark);
        NftElement element = new(NftValue.OfUInt32(1));
        ScriptedTransport kernel = new();
        for (int attempt = 0; attempt < 100; attempt++)
        {
            _ = kernel
                .OnSend(sent =>
                [
                    Generation(sent[0].Sequence), Error(sent[0].Sequence), Elements(AnswerFlags.None, sent[1].Sequence, set, element),
                    Error(sent[1].Sequence),
                ])
                .OnSend(static sent => [Error(sent[0].Sequence, Errno.ERESTART)]);
        }
        using NftClient client = new(new NetlinkSocket(kernel));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => client.DeleteElements(set, [element.Key], static _ => true));
        Assert.Equal((Errno.EBUSY, "delete elements inet t s"), (refusal.Errno, refusal.Operation));
    }

    [Fact]
    public void List_is_whole_although_the_kernel_left_out_and_repeated_while_its_table_grew()
    {
        NftSet set = new(Table, "s", NftDataType.Mark);
        NftElement[] elements = [.. Enumerable.Range(1, 4).Select(static number => new NftElement(NftValue.OfUInt32((uint)number)))];
        // Each is a dump of two messages, as if elements had changed places between them.
        ScriptedTransport kernel = Dump(new ScriptedTransport(), set, [elements[0], elements[1]], [elements[1], elements[2]]);
        _ = Dump(kernel, set, [elements[3], elements[0]], [elements[1], elements[2]]);
        _ = Dump(kernel, set, [elements[3], elements[0]], [elements[1], elements[2]]);
        using NftClient client = new(new NetlinkSocket(kernel));
        Assert.Equal(elements, client.ListElements(set));
    }

    [Fact]
    public void List_of_one_message_is_read_once()
    {
        NftSet set = new(Table, "s", NftDataType.Mark);
        NftElement element = new(NftValue.OfUInt32(1));
        using NftClient client = new(new NetlinkSocket(Dump(new ScriptedTransport(), set, [element])));
        Assert.Equal([element], client.ListElements(set));
    }

    private static ScriptedTransport Dump(ScriptedTransport kernel, NftSet set, params NftElement[][] messages) => kernel.OnSend(sent =>
        [.. messages.Select(elements => Elements(AnswerFlags.Multipart, sent[0].Sequence, set, elements)), Done(sent[0].Sequence)]);

    // NFTA_GEN_ID
    private static byte[] Generation(uint sequence) => Answer(NftVerb.NewGeneration, AnswerFlags.None, sequence, static writer =>
    {
        NetfilterMessage.WriteHeader(writer, 0);
        writer.WriteUInt32BigEndianAttribute(1, 7);
    });

    private static byte[] Elements(AnswerFlags flags, uint sequence, NftSet set, params NftElement[] elements) =>
        Answer(NftVerb.NewElement, flags, sequence, writer =>
    {
        NetfilterMessage.WriteHeader(writer, (byte)set.Table.Family);
        NftElementList.WriteName(writer, set);
        foreach (NftElement element in elements)
            NftElementList.WriteOne(writer, element);
    });

    private static byte[] Answer(NftVerb verb, AnswerFlags flags, uint sequence, Action<NetlinkWriter> write)
    {
        MessageBuffer buffer = new();
        write(new NetlinkWriter(buffer));
        return Message(NftMessage.TypeOf(verb), flags, sequence, buffer.Written);
    }
}
