using Linux;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Netlink.Tests.Nftables;

/// <summary>Every object with every verb: what happens when it is absent, and when it is there.</summary>
public sealed class NftMatrixKernelTests : NftKernelTest
{
    private static readonly string[] Objects = ["table", "base chain", "regular chain", "rule", "set", "map", "verdict map", "element"];
    private static readonly string[] Verbs = ["add", "create", "insert", "replace", "delete", "flush", "find", "list"];

    // What does not exist in nftables: a rule has no name, so it cannot be "created"; only rules have a place.
    private static readonly HashSet<(string Object, string Verb)> Impossible =
    [
        .. from name in Objects where name != "rule" from verb in new[] { "insert", "replace" } select (name, verb),
        ("rule", "create"),
        ("rule", "flush"),
        ("rule", "find"),
        // A table's rules go chain by chain, a set's elements key by key.
        ("table", "flush"),
        ("set", "flush"),
        ("map", "flush"),
        ("verdict map", "flush"),
        ("element", "flush"),
    ];

    private static readonly NftChain Base = new(Table, "post") { Base = new NftBaseChain("nat", NftHook.Postrouting, 100) };
    private static readonly NftChain Side = new(Table, "side") { Comment = "aside" };
    private static readonly NftRule Rule = new(Side, [new Counter(), new Immediate(NftVerdict.Drop)]) { Comment = "drop" };
    private static readonly NftSet Set = new(Table, "ports", NftDataType.InterfaceName);
    private static readonly NftSet Map = new(Table, "marks", NftDataType.IPv4Address) { ValueType = NftDataType.Mark };
    private static readonly NftSet VerdictMap = new(Table, "masq4", NftDataType.IPv4Address) { ValueType = NftDataType.Verdict };
    private static readonly NftElement Element = new(NftValue.InterfaceName("veth0")) { Comment = "owner" };

    private readonly Dictionary<(string Object, string Verb), Action> _cells;

    public NftMatrixKernelTests() => _cells = new()
    {
        [("table", "add")] = () => IsIdempotent(static batch => batch.AddTable(Table), "table inet t {\n}"),
        [("table", "create")] = () => IsExclusive(static batch => batch.CreateTable(Table), "create table inet t", "table inet t {\n}"),
        [("table", "delete")] = () => IsDeleted(
            static batch => batch.AddTable(Table), static batch => batch.DeleteTable(Table), "delete table inet t", ""),
        [("table", "find")] = () => IsFound(static batch => batch.AddTable(Table), () => Nft.FindTable(Table.Family, Table.Name)),
        [("table", "list")] = () => IsListed(static batch => batch.AddTable(Table), () => Nft.ListTables(NftFamily.Inet).Count),

        [("base chain", "add")] = () => IsIdempotent(
            InTable(static batch => batch.AddChain(Base)),
            "table inet t {\nchain post {\ntype nat hook postrouting priority srcnat; policy accept;\n}\n}"),
        [("base chain", "create")] = () => IsExclusive(
            InTable(static batch => batch.CreateChain(Base)),
            "create chain inet t post",
            "table inet t {\nchain post {\ntype nat hook postrouting priority srcnat; policy accept;\n}\n}"),
        [("base chain", "delete")] = () => IsDeleted(
            InTable(static batch => batch.AddChain(Base)),
            static batch => batch.DeleteChain(Base),
            "delete chain inet t post",
            "table inet t {\n}"),
        [("base chain", "flush")] = () =>
        {
            Nft.Execute(InTable(static batch => batch.AddChain(Base).AddRule(new NftRule(Base, [new Masquerade()])))(new NftBatch()));
            Nft.Execute(new NftBatch().FlushChain(Base));
            Assert.Empty(Nft.ListRules(Base));
        },
        [("base chain", "find")] = () => IsFound(InTable(static batch => batch.AddChain(Base)), () => Nft.FindChain(Table, "post")?.Base),
        [("base chain", "list")] = () => IsListed(InTable(static batch => batch.AddChain(Base)), () => Nft.ListChains(Table).Count),

        [("regular chain", "add")] = () => IsIdempotent(
            InTable(static batch => batch.AddChain(Side)), "table inet t {\nchain side {\ncomment \"aside\"\n}\n}"),
        [("regular chain", "create")] = () => IsExclusive(
            InTable(static batch => batch.CreateChain(Side)),
            "create chain inet t side",
            "table inet t {\nchain side {\ncomment \"aside\"\n}\n}"),
        [("regular chain", "delete")] = () => IsDeleted(
            InTable(static batch => batch.AddChain(Side)),
            static batch => batch.DeleteChain(Side),
            "delete chain inet t side",
            "table inet t {\n}"),
        [("regular chain", "flush")] = () =>
        {
            AssertRefused(Errno.ENOENT, "flush chain inet t side", new NftBatch().FlushChain(Side));
            Nft.Execute(InChain(static batch => batch.AddRule(Rule).AddRule(Rule))(new NftBatch()));
            Nft.Execute(new NftBatch().FlushChain(Side));
            Assert.Empty(Nft.ListRules(Side));
        },
        [("regular chain", "find")] = () => IsFound(
            InTable(static batch => batch.AddChain(Side)), () => Nft.FindChain(Table, "side")?.Comment),
        [("regular chain", "list")] = () => IsListed(InTable(static batch => batch.AddChain(Side)), () => Nft.ListChains(Table).Count),

        [("rule", "add")] = () =>
        {
            AssertRefused(Errno.ENOENT, "add rule inet t side", new NftBatch().AddRule(Rule));
            Nft.Execute(InChain(static batch => batch.AddRule(Rule).AddRule(Rule with { Comment = "last" }))(new NftBatch()));
            List<NftRule> rules = Nft.ListRules(Side);
            Assert.Equal(["drop", "last"], rules.Select(static rule => rule.Comment));
            Nft.Execute(new NftBatch().AddRule(Rule with { Comment = "middle" }, behind: rules[0].Handle));
            Assert.Equal(["drop", "middle", "last"], Nft.ListRules(Side).Select(static rule => rule.Comment));
        },
        [("rule", "insert")] = () =>
        {
            AssertRefused(Errno.ENOENT, "insert rule inet t side", new NftBatch().InsertRule(Rule));
            Nft.Execute(InChain(static batch => batch.AddRule(Rule).InsertRule(Rule with { Comment = "first" }))(new NftBatch()));
            List<NftRule> rules = Nft.ListRules(Side);
            Assert.Equal(["first", "drop"], rules.Select(static rule => rule.Comment));
            Nft.Execute(new NftBatch().InsertRule(Rule with { Comment = "middle" }, before: rules[1].Handle));
            Assert.Equal(["first", "middle", "drop"], Nft.ListRules(Side).Select(static rule => rule.Comment));
        },
        [("rule", "replace")] = () =>
        {
            Assert.Throws<ArgumentException>(static () => new NftBatch().ReplaceRule(Rule));
            Nft.Execute(InChain(static batch => batch.AddRule(Rule).AddRule(Rule with { Comment = "last" }))(new NftBatch()));
            ulong handle = Nft.ListRules(Side)[0].Handle;
            Nft.Execute(new NftBatch().ReplaceRule(Rule with { Handle = handle, Comment = "new" }));
            Assert.Equal(["new", "last"], Nft.ListRules(Side).Select(static rule => rule.Comment));
            AssertRefused(Errno.ENOENT, "replace rule inet t side handle 99", new NftBatch().ReplaceRule(Rule with { Handle = 99 }));
        },
        [("rule", "delete")] = () =>
        {
            Assert.Throws<ArgumentException>(static () => new NftBatch().DeleteRule(Rule));
            Nft.Execute(InChain(static batch => batch.AddRule(Rule).AddRule(Rule with { Comment = "last" }))(new NftBatch()));
            NftRule first = Nft.ListRules(Side)[0];
            Nft.Execute(new NftBatch().DeleteRule(first));
            Assert.Equal(["last"], Nft.ListRules(Side).Select(static rule => rule.Comment));
            AssertRefused(Errno.ENOENT, $"delete rule inet t side handle {first.Handle}", new NftBatch().DeleteRule(first));
        },
        [("rule", "list")] = () => IsListed(InChain(static batch => batch.AddRule(Rule)), () => Nft.ListRules(Side).Count),

        [("set", "add")] = () => IsIdempotent(InTable(static batch => batch.AddSet(Set)), "table inet t {\nset ports {\ntype ifname\n}\n}"),
        [("set", "create")] = () => IsExclusive(
            InTable(static batch => batch.CreateSet(Set)), "create set inet t ports", "table inet t {\nset ports {\ntype ifname\n}\n}"),
        [("set", "delete")] = () => IsDeleted(
            InTable(static batch => batch.AddSet(Set)),
            static batch => batch.DeleteSet(Set),
            "delete set inet t ports",
            "table inet t {\n}"),
        [("set", "find")] = () => IsFound(InTable(static batch => batch.AddSet(Set)), () => Nft.FindSet(Table, "ports")),
        [("set", "list")] = () => IsListed(InTable(static batch => batch.AddSet(Set)), () => Nft.ListSets(Table).Count),

        [("map", "add")] = () => IsIdempotent(
            InTable(static batch => batch.AddSet(Map)), "table inet t {\nmap marks {\ntype ipv4_addr : mark\n}\n}"),
        [("map", "create")] = () => IsExclusive(
            InTable(static batch => batch.CreateSet(Map)),
            "create set inet t marks",
            "table inet t {\nmap marks {\ntype ipv4_addr : mark\n}\n}"),
        [("map", "delete")] = () => IsDeleted(
            InTable(static batch => batch.AddSet(Map)),
            static batch => batch.DeleteSet(Map),
            "delete set inet t marks",
            "table inet t {\n}"),
        [("map", "find")] = () => IsFound(InTable(static batch => batch.AddSet(Map)), () => Nft.FindSet(Table, "marks")?.ValueType?.Number),
        [("map", "list")] = () => IsListed(InTable(static batch => batch.AddSet(Map)), () => Nft.ListSets(Table).Count),

        [("verdict map", "add")] = () => IsIdempotent(
            InTable(static batch => batch.AddSet(VerdictMap)), "table inet t {\nmap masq4 {\ntype ipv4_addr : verdict\n}\n}"),
        [("verdict map", "create")] = () => IsExclusive(
            InTable(static batch => batch.CreateSet(VerdictMap)),
            "create set inet t masq4",
            "table inet t {\nmap masq4 {\ntype ipv4_addr : verdict\n}\n}"),
        [("verdict map", "delete")] = () => IsDeleted(
            InTable(static batch => batch.AddSet(VerdictMap)),
            static batch => batch.DeleteSet(VerdictMap),
            "delete set inet t masq4",
            "table inet t {\n}"),
        [("verdict map", "find")] = () => IsFound(
            InTable(static batch => batch.AddSet(VerdictMap)), () => Nft.FindSet(Table, "masq4")?.ValueType?.IsVerdict),
        [("verdict map", "list")] = () => IsListed(InTable(static batch => batch.AddSet(VerdictMap)), () => Nft.ListSets(Table).Count),

        [("element", "add")] = () => IsIdempotent(
            InSet(static batch => batch.AddElements(Set, Element)),
            "table inet t {\nset ports {\ntype ifname\nelements = { \"veth0\" comment \"owner\" }\n}\n}"),
        [("element", "create")] = () => IsExclusive(
            InSet(static batch => batch.CreateElements(Set, Element)),
            $"create element inet t ports {{ {Element} }}",
            "table inet t {\nset ports {\ntype ifname\nelements = { \"veth0\" comment \"owner\" }\n}\n}"),
        [("element", "delete")] = () => IsDeleted(
            InSet(static batch => batch.AddElements(Set, Element)),
            static batch => batch.DeleteElements(Set, Element),
            $"delete element inet t ports {{ {Element} }}",
            "table inet t {\nset ports {\ntype ifname\n}\n}"),
        [("element", "find")] = () => IsFound(
            InSet(static batch => batch.AddElements(Set, Element)), () => Nft.FindElement(Set, Element.Key)),
        [("element", "list")] = () => IsListed(InSet(static batch => batch.AddElements(Set, Element)), () => Nft.ListElements(Set).Count),
    };

    public static TheoryData<string, string> Possible
    {
        get
        {
            TheoryData<string, string> cells = [];
            foreach (string name in Objects)
            {
                foreach (string verb in Verbs.Where(verb => !Impossible.Contains((name, verb))))
                    cells.Add(name, verb);
            }
            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Possible))]
    public void Every_verb_works_on_every_object(string name, string verb)
    {
        Assert.True(_cells.TryGetValue((name, verb), out Action? cell), $"no case for {verb} {name}");
        cell();
    }

    [Fact]
    public void No_case_is_beside_the_matrix() => Assert.DoesNotContain(_cells.Keys, Impossible.Contains);

    private static Func<NftBatch, NftBatch> InTable(Func<NftBatch, NftBatch> then) => batch => then(batch.AddTable(Table));

    private static Func<NftBatch, NftBatch> InChain(Func<NftBatch, NftBatch> then) => InTable(batch => then(batch.AddChain(Side)));

    private static Func<NftBatch, NftBatch> InSet(Func<NftBatch, NftBatch> then) => InTable(batch => then(batch.AddSet(Set)));

    private void IsIdempotent(Func<NftBatch, NftBatch> add, string listing)
    {
        Nft.Execute(add(new NftBatch()));
        AssertListing(listing);
        Nft.Execute(add(new NftBatch()));
        AssertListing(listing);
    }

    private void IsExclusive(Func<NftBatch, NftBatch> create, string operation, string listing)
    {
        Nft.Execute(create(new NftBatch()));
        AssertListing(listing);
        AssertRefused(Errno.EEXIST, operation, create(new NftBatch()));
        AssertListing(listing);
    }

    private void IsDeleted(Func<NftBatch, NftBatch> add, Func<NftBatch, NftBatch> delete, string operation, string listing)
    {
        AssertRefused(Errno.ENOENT, operation, delete(new NftBatch()));
        Nft.Execute(add(new NftBatch()));
        Nft.Execute(delete(new NftBatch()));
        AssertListing(listing);
    }

    private void IsFound(Func<NftBatch, NftBatch> add, Func<object?> find)
    {
        Assert.Null(find());
        Nft.Execute(add(new NftBatch()));
        Assert.NotNull(find());
    }

    private void IsListed(Func<NftBatch, NftBatch> add, Func<int> count)
    {
        Assert.Equal(0, count());
        Nft.Execute(add(new NftBatch()));
        Assert.Equal(1, count());
    }
}
