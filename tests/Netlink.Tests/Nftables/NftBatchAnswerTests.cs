using Linux;
using Netlink.Nftables;
using Netlink.Wire;
using static Netlink.Tests.ScriptedTransport;

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
                    Generation(sent[0].Sequence), Error(sent[0].Sequence), Elements(sent[1].Sequence, set, element), Error(sent[1].Sequence),
                ])
                .OnSend(static sent => [Error(sent[0].Sequence, Errno.ERESTART)]);
        }
        using NftClient client = new(new NetlinkSocket(kernel));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => client.DeleteElements(set, [element.Key], static _ => true));
        Assert.Equal((Errno.EBUSY, "delete elements inet t s"), (refusal.Errno, refusal.Operation));
    }

    // NFTA_GEN_ID
    private static byte[] Generation(uint sequence) => Answer(NftVerb.NewGeneration, sequence, static writer =>
    {
        NftMessage.WriteHeader(writer, 0, 0);
        writer.WriteUInt32BigEndianAttribute(1, 7);
    });

    private static byte[] Elements(uint sequence, NftSet set, NftElement element) => Answer(NftVerb.NewElement, sequence, writer =>
    {
        NftMessage.WriteHeader(writer, (byte)set.Table.Family, 0);
        NftElementList.WriteName(writer, set);
        NftElementList.WriteOne(writer, element);
    });

    private static byte[] Answer(NftVerb verb, uint sequence, Action<NetlinkWriter> write)
    {
        MessageBuffer buffer = new();
        write(new NetlinkWriter(buffer));
        return Message(NftMessage.TypeOf(verb), AnswerFlags.None, sequence, buffer.Written);
    }
}
