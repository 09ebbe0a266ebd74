using Cni;
using Plugins.Migration;
using TestKit;

namespace Plugins.Tests.Migration;

public sealed class ReferenceSpoofCheckKernelTests : ReferenceStateKernelTest
{
    [Fact]
    public void DEL_leaves_the_table_as_it_was_before_the_ADD()
    {
        _ = Reference.Attach("c1");
        string before = List();
        _ = Reference.Attach("c2");
        Assert.NotEqual(before, List());

        Del("c2", static call => [ReferenceSpoofCheck.Of(call.Attachment)]);

        Assert.Equal(before, List());
    }

    // A repeated ADD of the reference repeats the rule.
    [Fact]
    public void DEL_removes_a_rule_that_is_there_twice()
    {
        _ = Reference.Attach("c2");
        string before = List();
        _ = Reference.Attach("c1");
        NftProgram.Load(Node, "add rule bridge nat PREROUTING iifname \"veth0\" jump cni-br-iface-c1-eth0 comment \"macspoofchk-c1-eth0\"");

        Del("c1", static call => [ReferenceSpoofCheck.Of(call.Attachment)]);

        Assert.Equal(before, List());
    }

    [Fact]
    public void Container_ID_that_no_chain_can_be_named_by_is_no_error() =>
        Del(new string('c', 300), static call => [ReferenceSpoofCheck.Of(call.Attachment)]);

    [Fact]
    public void Another_interface_stays()
    {
        _ = Reference.Attach("c1");
        string before = List();
        Del("c1", static _ => [ReferenceSpoofCheck.Of(new Attachment("c1", "eth1"))]);
        Assert.Equal(before, List());
    }

    private string List() => NftProgram.Run(Node, "", "list", "table", "bridge", "nat");
}
