using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using TestKit;

namespace Netlink.Tests.Nftables;

public sealed class NftClientKernelTests : NftKernelTest
{
    private static readonly NftSet Addresses = new(Table, "addresses", NftDataType.IPv4Address);
    private static readonly NftChain Chain = new(Table, "c");

    [Fact]
    public void Failing_batch_changes_nothing_and_names_every_operation_that_was_refused()
    {
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddElements(Addresses, Element(1)));
        string before = NftProgram.List(Namespace);
        List<NetlinkException> refusals = Nft.TryExecute(new NftBatch()
            .AddChain(Chain)
            .CreateElements(Addresses, Element(2))
            .CreateElements(Addresses, Element(1))
            .DeleteChain(new NftChain(Table, "absent"))
            .DeleteElements(Addresses, Element(2)));
        Assert.Equal(
            [(Errno.EEXIST, "create element inet t addresses { 0a000001 }"), (Errno.ENOENT, "delete chain inet t absent")],
            refusals.Select(static refusal => (refusal.Errno, refusal.Operation)));
        Assert.Equal(before, NftProgram.List(Namespace));
        Nft.Execute(new NftBatch().CreateElements(Addresses, Element(2)));
    }

    [Fact]
    public void Loop_is_refused_though_every_rule_is_right_by_itself()
    {
        NftChain other = new(Table, "other");
        NftChain hook = new(Table, "hook") { Base = new NftBaseChain("filter", NftHook.Input, 0) };
        NftBatch loop = new NftBatch()
            .AddTable(Table)
            .AddChain(hook)
            .AddChain(Chain)
            .AddChain(other)
            .AddRule(new NftRule(hook, [new Immediate(NftVerdict.Jump("c"))]))
            .AddRule(new NftRule(Chain, [new Immediate(NftVerdict.Jump("other"))]))
            .AddRule(new NftRule(other, [new Immediate(NftVerdict.Jump("c"))]));
        NetlinkException refusal = Assert.Single(Nft.TryExecute(loop));
        Assert.Equal((Errno.EMLINK, "add rule inet t other"), (refusal.Errno, refusal.Operation));
        Assert.Empty(Nft.ListTables());
        Nft.Execute(new NftBatch().AddTable(Table));
        Assert.Equal(Table.Name, Nft.FindTable(Table.Family, Table.Name)?.Name);
    }

    [Fact]
    public void Empty_batch_sends_nothing()
    {
        using CountingTransport transport = new(Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Netfilter)));
        using NftClient client = new(new NetlinkSocket(transport));
        client.Execute(new NftBatch());
        Assert.Empty(client.TryExecute(new NftBatch().AddElements(Addresses)));
        Assert.Equal(0, transport.Sent);
    }

    [Fact]
    public void Elements_and_sets_are_found_at_a_generation_by_one_datagram()
    {
        NftSet others = new(Table, "others", NftDataType.IPv4Address), absent = new(Table, "absent", NftDataType.IPv4Address);
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddSet(others)
            .AddElements(Addresses, Element(1)).AddElements(others, Element(2)));
        using CountingTransport transport = new(Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Netfilter)));
        using NftClient client = new(new NetlinkSocket(transport));
        (uint generation, List<(NftSet Set, NftElement Element)> elements, List<NftSet> sets) = client.Find(
            [(Addresses, Element(1).Key), (Addresses, Element(2).Key), (others, Element(2).Key), (absent, Element(1).Key)],
            [absent, others]);
        Assert.Equal(1, transport.Sent);
        Assert.Equal(Nft.GetGeneration(), generation);
        Assert.Equal(
            [(Addresses, Element(1).Key), (others, Element(2).Key)], elements.Select(static found => (found.Set, found.Element.Key)));
        Assert.Equal(["others"], sets.Select(static set => set.Name));
    }

    [Fact]
    public void Monitor_is_woken_by_a_change_and_by_nothing_else()
    {
        using NftMonitor monitor = Namespace.Run(NftMonitor.Open);
        Assert.False(monitor.WaitForChange(TimeSpan.Zero));
        Nft.Execute(new NftBatch().AddTable(Table));
        Assert.True(monitor.WaitForChange(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Chains_are_found_at_a_generation_by_one_datagram()
    {
        using CountingTransport transport = new(Namespace.Run(static () => new KernelTransport(NetlinkProtocol.Netfilter)));
        using NftClient client = new(new NetlinkSocket(transport));
        NftChain[] wanted =
            [Chain, new NftChain(Table, "absent"), new NftChain(new NftTable(NftFamily.Bridge, "absent"), "c"), Chain with { Name = "d" }];
        (uint generation, List<NftChain> none) = client.FindChains(wanted);
        Assert.Empty(none);
        client.Execute(new NftBatch(generation).AddTable(Table).AddChain(Chain).AddChain(wanted[3]));
        transport.Sent = 0;

        (uint after, List<NftChain> found) = client.FindChains(wanted);

        Assert.Equal(1, transport.Sent);
        Assert.NotEqual(generation, after);
        Assert.Equal(["inet t c", "inet t d"], found.Select(static chain => chain.ToString()));
        client.Execute(new NftBatch(after).DeleteChain(found[0]));
        AssertRefused(Errno.ERESTART, "nftables batch", new NftBatch(after).DeleteChain(found[1]));
    }

    [Fact]
    public void Batch_that_was_sent_can_be_sent_again_but_not_extended()
    {
        NftBatch batch = new NftBatch().AddTable(Table);
        Nft.Execute(batch);
        Nft.Execute(batch);
        Assert.Throws<InvalidOperationException>(() => batch.AddChain(Chain));
    }

    [Fact]
    public void Adding_an_existing_key_keeps_its_comment_and_creating_it_is_refused()
    {
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddElements(Addresses, Element(1) with { Comment = "old" }));
        Nft.Execute(new NftBatch().AddElements(Addresses, Element(1) with { Comment = "new" }));
        Assert.Equal("old", Nft.FindElement(Addresses, Element(1).Key)?.Comment);
        AssertRefused(
            Errno.EEXIST,
            "create element inet t addresses { 0a000001 }",
            new NftBatch().CreateElements(Addresses, Element(1) with { Comment = "new" }));
        // Taking over: delete and create in one batch.
        Nft.Execute(new NftBatch().DeleteElements(Addresses, Element(1)).CreateElements(Addresses, Element(1) with { Comment = "new" }));
        Assert.Equal("new", Nft.FindElement(Addresses, Element(1).Key)?.Comment);
    }

    [Fact]
    public void Map_entry_with_another_value_is_refused()
    {
        NftSet map = Addresses with { ValueType = NftDataType.Mark };
        NftElement entry = Element(1) with { Value = NftValue.OfUInt32(1) };
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(map).AddElements(map, entry));
        AssertRefused(
            Errno.EEXIST,
            "add element inet t addresses { 0a000001 : 02000000 }",
            new NftBatch().AddElements(map, entry with { Value = NftValue.OfUInt32(2) }));
        Assert.Equal(NftValue.OfUInt32(1), Nft.FindElement(map, entry.Key)?.Value);
    }

    [Fact]
    public void Ten_thousand_elements_go_in_one_batch_come_back_and_go_again()
    {
        NftElement[] elements =
        [
            .. Enumerable.Range(1, 10_000)
                .Select(static number => Element(number) with { Comment = $"tag-{number} network container eth0" }),
        ];
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).CreateElements(Addresses, elements));
        // By key: the kernel's table grows in the background, and a dump that meets that can leave elements out (rhashtable_walk_next).
        Assert.Equal(elements, Nft.FindElements(Addresses, [.. elements.Select(static element => element.Key)]));

        // A duplicate at the end takes all of them back.
        NftElement[] more = [.. Enumerable.Range(10_001, 10_000).Select(Element), Element(1)];
        Assert.Equal(Errno.EEXIST, Assert.Single(Nft.TryExecute(new NftBatch().CreateElements(Addresses, more))).Errno);
        Assert.Null(Nft.FindElement(Addresses, Element(10_001).Key));

        Assert.Equal(3, Nft.FindElements(Addresses, Element(1).Key, Element(10_001).Key, Element(500).Key, Element(10_000).Key).Count);
        Nft.Execute(new NftBatch().DeleteElements(Addresses, elements));
        Assert.Empty(Nft.ListElements(Addresses));
    }

    [Fact]
    public void Thousand_refusals_are_all_reported()
    {
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses));
        NftBatch batch = new();
        for (int number = 1; number <= 1000; number++)
            _ = batch.DeleteElements(Addresses, Element(number));
        Assert.Equal(1000, Nft.TryExecute(batch).Count);
        Nft.Execute(new NftBatch().AddElements(Addresses, Element(1)));
    }

    [Fact]
    public void Thousand_keys_are_asked_for_at_once()
    {
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddElements(Addresses, Element(7), Element(1000)));
        NftValue[] keys = [.. Enumerable.Range(1, 1000).Select(static number => Element(number).Key)];
        Assert.Equal([Element(7), Element(1000)], Nft.FindElements(Addresses, keys));
    }

    [Fact]
    public void Deleting_spares_what_is_not_ours_and_tolerates_what_is_gone()
    {
        Assert.Empty(Nft.DeleteElements(Addresses, [Element(1).Key], static _ => true));
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses));
        Assert.Empty(Nft.DeleteElements(Addresses, [Element(1).Key], static _ => true));
        Nft.Execute(new NftBatch().AddElements(Addresses, Element(1) with { Comment = "ours" }, Element(2) with { Comment = "theirs" }));
        List<NftElement> deleted = Nft.DeleteElements(
            Addresses, [Element(1).Key, Element(2).Key, Element(3).Key], static element => element.Comment == "ours");
        Assert.Equal([Element(1) with { Comment = "ours" }], deleted);
        Assert.Equal([Element(2) with { Comment = "theirs" }], Nft.ListElements(Addresses));
    }

    [Fact]
    public void Deleting_from_several_sets_is_one_commit()
    {
        NftSet marks = new(Table, "marks", NftDataType.Mark), empty = new(Table, "empty", NftDataType.Mark);
        NftSet absent = new(Table, "absent", NftDataType.Mark);
        NftElement mark = new(NftValue.OfUInt32(1));
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddSet(marks).AddSet(empty)
            .AddElements(Addresses, Element(1), Element(2)).AddElements(marks, mark));
        uint before = Nft.GetGeneration();
        List<NftElement> deleted = Nft.DeleteElements(
            [(absent, mark.Key), (Addresses, Element(1).Key), (Addresses, Element(1).Key), (empty, mark.Key), (marks, mark.Key)],
            static _ => true);
        Assert.Equal([Element(1), mark], deleted);
        Assert.Equal(before + 1, Nft.GetGeneration());
        Assert.Equal([Element(2)], Nft.ListElements(Addresses));
        Assert.Empty(Nft.ListElements(marks));
    }

    [Fact]
    public void Deleting_reads_again_when_somebody_was_faster()
    {
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(Addresses).AddElements(Addresses, Element(1) with { Comment = "ours" }));
        using NftClient other = NftClient.Open(Namespace);
        int reads = 0;
        List<NftElement> deleted = Nft.DeleteElements(Addresses, [Element(1).Key], element =>
        {
            // Between our reading and our deleting, the address gets another owner.
            if (reads++ == 0)
                other.Execute(
                    new NftBatch().DeleteElements(Addresses, Element(1)).CreateElements(Addresses, Element(1) with { Comment = "theirs" }));
            return element.Comment == "ours";
        });
        Assert.Empty(deleted);
        Assert.Equal(2, reads);
        Assert.Equal("theirs", Nft.FindElement(Addresses, Element(1).Key)?.Comment);
    }

    [Fact]
    public void Batch_bound_to_a_generation_is_refused_after_any_change()
    {
        Nft.Execute(new NftBatch().AddTable(Table));
        uint generation = Nft.GetGeneration();
        Nft.Execute(new NftBatch(generation).AddChain(Chain));
        AssertRefused(Errno.ERESTART, "nftables batch", new NftBatch(generation).AddChain(Chain));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("it's $x; {a} # b, c * \\ back\\", "it's $x; {a} # b, c * \\ back\\")]
    [InlineData("say \"hi\"", "say _hi_")]
    [InlineData("line\nbreak\ttab\0nul\u007f", "line_break_tab_nul_")]
    [InlineData("Größe 網路 🐳", "Größe 網路 🐳")]
    [InlineData("@set", "@set")]
    [InlineData("ends with star*", "ends with star*")]
    [InlineData(" spaces ", " spaces ")]
    public void Comment_survives_nft(string comment, string kept)
    {
        CommentEverything(comment);
        Assert.Equal(kept, NftComment.Fit(comment));
        Assert.All(ReadComments(Nft), actual => Assert.Equal(kept, actual));
        AssertReloadsWithComments(kept);
    }

    [Fact]
    public void Long_comment_is_cut_between_characters()
    {
        string comment = new string('x', 126) + "é and more";
        CommentEverything(comment);
        string kept = new('x', 126);
        Assert.All(ReadComments(Nft), actual => Assert.Equal(kept, actual));
        AssertReloadsWithComments(kept);
    }

    private static NftElement Element(int number) => new(NftValue.Of(IpText.FromUInt128((UInt128)(0x0a000000 + number), IpFamily.IPv4)));

    private static string?[] ReadComments(NftClient client) =>
    [
        client.FindTable(Table.Family, Table.Name)!.Comment,
        client.FindChain(Table, "c")!.Comment,
        client.ListRules(Table)[0].Comment,
        client.FindSet(Table, "addresses")!.Comment,
        client.FindElement(Addresses, Element(1).Key)!.Comment,
    ];

    private void CommentEverything(string comment) => Nft.Execute(new NftBatch()
        .AddTable(Table with { Comment = comment })
        .AddChain(Chain with { Comment = comment })
        .AddRule(new NftRule(Chain, [new Immediate(NftVerdict.Accept)]) { Comment = comment })
        .AddSet(Addresses with { Comment = comment })
        .AddElements(Addresses, Element(1) with { Comment = comment }));

    private void AssertReloadsWithComments(string kept)
    {
        using NetworkNamespace other = NetworkNamespace.Create();
        NftProgram.Load(other, NftProgram.List(Namespace));
        using NftClient client = NftClient.Open(other);
        Assert.All(ReadComments(client), actual => Assert.Equal(kept, actual));
    }
}
