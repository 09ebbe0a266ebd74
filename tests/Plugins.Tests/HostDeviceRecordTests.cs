using Netlink.Route;

namespace Plugins.Tests;

public sealed class HostDeviceRecordTests
{
    private static readonly AttachmentTag Tag = new("pods", "c1", "eth0");

    [Theory]
    [InlineData("ens5", "02:00:00:00:00:01", 9000, LinkFlags.Up | LinkFlags.Promiscuous)]
    [InlineData("a-name.with_15b", null, 1500, LinkFlags.None)]
    public void It_is_read_back_from_the_names_of_the_device(string name, string? mac, int mtu, LinkFlags flags)
    {
        Link device = new()
        {
            Index = 2,
            Name = name,
            Mac = mac is null ? null : TestCall.Mac(mac),
            Mtu = mtu,
            Flags = flags | LinkFlags.Broadcast | LinkFlags.Running,
        };
        HostDeviceRecord record = HostDeviceRecord.Of(device, Tag);
        Assert.Equal(Tag.Text, record.Names[0]);
        Assert.All(record.Names, static text => Assert.InRange(text.Length, 1, 127));
        Assert.Equal(record, HostDeviceRecord.Find(new Link { Index = 3, Name = "eth0", AlternativeNames = ["other", .. record.Names] }));
        Assert.Equal((name, mtu, flags), (record.Name, record.Mtu, record.Flags));
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
        Assert.Null(HostDeviceRecord.Find(new Link { Index = 3, Name = "eth0", AlternativeNames = [name] }));
}
