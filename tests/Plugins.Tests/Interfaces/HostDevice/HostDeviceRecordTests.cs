using System.Text;
using Cni;
using Netlink.Route.Links;
using Plugins.Interfaces.HostDevice;
using TestKit;

namespace Plugins.Tests.Interfaces.HostDevice;

public sealed class HostDeviceRecordTests
{
    private const string Tag = "0123456789abcdef-0123456789abcdef";

    private static readonly Link s_card = new()
    {
        Index = 2,
        Name = "ens5",
        AlternativeNames = ["enp0s5"],
        Alias = "to the switch",
        Mac = TestCall.Mac("02:00:00:00:00:01"),
        PermanentMac = TestCall.Mac("52:54:00:00:00:01"),
        ParentDevice = "pci/0000:00:05.0",
        Mtu = 9000,
        Flags = LinkFlags.Up | LinkFlags.Promiscuous | LinkFlags.Broadcast,
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        HostDeviceRecord record = HostDeviceRecord.Of(s_card, Tag);
        byte[] text = TestCall.Add("", record.Write);
        HostDeviceRecord read = HostDeviceRecord.Parse(text, Tag);
        Assert.Equal(record.AlternativeNames, read.AlternativeNames);
        Assert.Equal(record, read with { AlternativeNames = record.AlternativeNames });
        Assert.Equal(LinkFlags.Up | LinkFlags.Promiscuous, read.Flags);
        Assert.All(
            (string[])["\"pods\"", "\"c1\"", "\"eth0\""],
            name => Assert.Contains(name, Encoding.UTF8.GetString(text), StringComparison.Ordinal));
        _ = Assert.Throws<CniException>(() => HostDeviceRecord.Parse("{}"u8, Tag));
    }

    [Fact]
    public void A_card_is_known_whatever_can_be_changed_of_it()
    {
        HostDeviceRecord record = HostDeviceRecord.Of(s_card, Tag);
        Assert.True(
            record.IsOnHost(
                s_card with
                {
                    Index = 7,
                    Name = "dev7",
                    AlternativeNames = ["x"],
                    Alias = "y",
                    Mac = null,
                    Mtu = 1500,
                    Flags = LinkFlags.None,
                }));
        Assert.False(record.IsOnHost(s_card with { PermanentMac = TestCall.Mac("52:54:00:00:00:02") }));
        Assert.False(record.IsOnHost(s_card with { ParentDevice = null }));
        Assert.False(record.IsOnHost(s_card with { Kind = "veth" }));
    }

    [Fact]
    public void What_says_nothing_of_itself_is_known_by_index_and_by_what_it_stands_on()
    {
        Link vlan = new() { Index = 2, Name = "ens5.7", Kind = "vlan", PeerIndex = 3 };
        HostDeviceRecord record = HostDeviceRecord.Of(vlan, Tag);
        Assert.True(record.IsOnHost(vlan with { Name = "eth0" }));
        Assert.False(record.IsOnHost(vlan with { Index = 4 }));
        Assert.False(record.IsOnHost(vlan with { PeerIndex = 4 }));
        Assert.False(record.IsOnHost(vlan with { PeerNamespaceId = 0 }));
        Assert.False(record.IsOnHost(vlan with { Kind = "veth" }));
    }

    // As versions without records gave them.
    [Fact]
    public void Names_of_earlier_versions_are_read()
    {
        HostDeviceRecord record = HostDeviceNames.Find(
            s_card with { AlternativeNames = ["enp0s5", Tag, $"{Tag} 02:00:00:00:00:09 1400 1 a-name.with_15b"] })!;
        Assert.Equal(
            ("a-name.with_15b", 1400, LinkFlags.Up, TestCall.Mac("02:00:00:00:00:09")),
            (record.Name, record.Mtu, record.Flags, record.Mac));
        Assert.Equal(["enp0s5"], record.AlternativeNames);
        Assert.Null(HostDeviceNames.Find(s_card with { AlternativeNames = [$"{Tag} - 1400 0 ens5"] })!.Mac);
    }

    [Theory]
    [InlineData("enp0s1")]
    [InlineData("0123456789abcdef-0123456789abcdef")]
    [InlineData("0123456789abcdef-0123456789abcdef - 1500 3")]
    [InlineData("0123456789abcdef-0123456789abcdef - x 3 ens5")]
    [InlineData("0123456789abcdef-0123456789abcdef - 1500 z ens5")]
    [InlineData("0123456789abcdef-0123456789abcdef - 1500 3 a/b")]
    [InlineData("no tag - 1500 3 ens5")]
    public void Other_names_are_none(string name) =>
        Assert.Null(HostDeviceNames.Find(new Link { Index = 3, Name = "eth0", AlternativeNames = [name] }));
}
