using System.Text;
using Netlink.Route.Links;
using Plugins.Chained.Tuning;
using TestKit;

namespace Plugins.Tests.Chained.Tuning;

public sealed class TuningRecordTests
{
    private static readonly TuningRecord s_whole = new()
    {
        Network = "pods",
        ContainerId = "c1",
        IfName = "eth0",
        At = 4711,
        Link = new LinkChange
        {
            Mac = TestCall.Mac("02:00:00:00:00:01"),
            Promiscuous = false,
            Mtu = 1500,
            AllMulticast = true,
            TxQueueLength = 1000,
        },
        HostEnd = new HostEndRecord("veth1", 1500),
        Sysctls = [new SysctlRecord("net/core/somaxconn", "4096", "512"), new SysctlRecord("net/ipv4/tcp_rmem", "1\t2\t3", "4 5 6")],
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        byte[] text = s_whole.Write();
        TuningRecord read = TuningRecord.Parse(text);
        Assert.Equal((s_whole.Link, s_whole.HostEnd, s_whole.At), (read.Link, read.HostEnd, read.At));
        Assert.Equal(s_whole.Sysctls, read.Sysctls);
        Assert.All(
            (string[])["\"pods\"", "\"c1\"", "\"eth0\""],
            name => Assert.Contains(name, Encoding.UTF8.GetString(text), StringComparison.Ordinal));
    }

    // Written by the reference's plugin 1.1.1.
    [Fact]
    public void Backup_of_the_reference_is_read()
    {
        TuningRecord read = TuningRecord.Parse(
            "{\n \"mac\": \"c2:11:22:33:44:55\",\n \"promisc\": false,\n \"mtu\": 1500,\n \"allmulti\": false,\n \"txQLen\": 1000\n}"u8);
        Assert.Equal(
            new LinkChange
            {
                Mac = TestCall.Mac("c2:11:22:33:44:55"),
                Promiscuous = false,
                Mtu = 1500,
                AllMulticast = false,
                TxQueueLength = 1000,
            },
            read.Link);
        Assert.Empty(read.Sysctls);
        Assert.Null(read.HostEnd);
    }

    [Fact]
    public void Older_values_stay_and_new_ones_are_added()
    {
        TuningRecord older = new()
        {
            Link = new LinkChange { Mtu = 1500 },
            Sysctls = [new SysctlRecord("a", "1", "2"), new SysctlRecord("b", "1", "2")],
        };
        TuningRecord newer = new()
        {
            Link = new LinkChange { Mtu = 1400, TxQueueLength = 1000 },
            HostEnd = new HostEndRecord("veth1", 1400),
            Sysctls = [new SysctlRecord("b", "2", "3"), new SysctlRecord("c", "1", "3")],
        };
        TuningRecord merged = older.Before(newer);
        Assert.Equal(new LinkChange { Mtu = 1500, TxQueueLength = 1000 }, merged.Link);
        Assert.Equal(newer.HostEnd, merged.HostEnd);
        Assert.Equal(
            ["a 1 2", "b 1 3", "c 1 3"],
            merged.Sysctls.Select(sysctl => $"{sysctl.Path} {sysctl.Found} {sysctl.Set}").Order(StringComparer.Ordinal));
    }
}
