using System.Diagnostics;
using Linux;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Testing;
using Netlink.Tests.Route;
using Netlink.Wire;

namespace Netlink.Tests;

public sealed class NetlinkTraceTests
{
    private readonly List<string> _lines = [];

    [Fact]
    public void A_link_is_told_with_the_kernels_names()
    {
        using RouteClient client = new(new NetlinkSocket(Watched(
            new ScriptedTransport().OnSend(static sent => [ScriptedTransport.Error(sent[0].Sequence, Errno.EEXIST)]),
            NetlinkProtocol.Route)));
        _ = client.TryExecute(new RouteBatch().CreateLink(
            new VethSpec { Name = "veth0", Mtu = 1400, Peer = new VethPeer { Name = "eth0" } }));
        Assert.Equal(
            """
            > RTM_NEWLINK seq 1 port 0 flags REQUEST|ACK|EXCL|CREATE
                00000000000000000000000000000000
                IFLA_IFNAME "veth0"
                IFLA_MTU 78050000
                IFLA_LINKINFO
                    IFLA_INFO_KIND "veth"
                    IFLA_INFO_DATA
                        VETH_INFO_PEER 00000000000000000000000000000000
                            IFLA_IFNAME "eth0"
            < NLMSG_ERROR seq 1 port 4711 flags CAPPED
                EEXIST, exists already
            """,
            string.Join('\n', _lines));
    }

    [Fact]
    public void A_set_is_told_with_the_kernels_names()
    {
        using NftClient client = new(new NetlinkSocket(
            Watched(
                new ScriptedTransport().OnSend(static sent => [ScriptedTransport.Error(sent[^2].Sequence)]), NetlinkProtocol.Netfilter),
            NetlinkProtocol.Netfilter));
        NftTable table = new(NftFamily.Inet, "t");
        client.Execute(new NftBatch().AddTable(table).AddElements(
            new NftSet(table, "blocked", NftDataType.IPv4Address), new NftElement(NftValue.Of(System.Net.IPAddress.Loopback))));
        string text = string.Join('\n', _lines);
        Assert.Contains(
            "> NFNL_MSG_BATCH_BEGIN seq 1 port 0 flags REQUEST\n    0000000a\n> NFT_MSG_NEWTABLE", text, StringComparison.Ordinal);
        Assert.Contains(
            """
                NFTA_SET_ELEM_LIST_SET "blocked"
                NFTA_SET_ELEM_LIST_ELEMENTS
                    NFTA_LIST_ELEM
                        NFTA_SET_ELEM_KEY
                            NFTA_DATA_VALUE 7f000001
            """,
            text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Links")]
    [InlineData("LinkAnswers")]
    [InlineData("LinkKindAnswers")]
    [InlineData("Routes")]
    [InlineData("TrafficControl")]
    public void Every_recorded_message_is_told(string file) => Assert.All(GoldenFile.Read(file).Values, bytes =>
    {
        string text = new MessageText(new MessageSchema(MessageProtocol.Route), static errno => $"{errno}").Describe('<', bytes);
        Assert.StartsWith("< RTM_", text, StringComparison.Ordinal);
    });

    [Fact]
    public void Whatever_bytes_arrive_are_told()
    {
        Random random = new(3);
        foreach (MessageProtocol protocol in Enum.GetValues<MessageProtocol>())
        {
            MessageText text = new(new MessageSchema(protocol), static errno => $"{errno}");
            for (int i = 0; i < 5000; i++)
            {
                byte[] payload = new byte[random.Next(100)];
                random.NextBytes(payload);
                ushort type = (ushort)(protocol == MessageProtocol.Netfilter
                    ? (random.Next(2) == 0 ? 0xa00 : 0x100) + random.Next(20)
                    : random.Next(120));
                Assert.NotEmpty(text.Describe('<', ScriptedTransport.Message(type, (AnswerFlags)random.Next(1 << 16), 1, payload)));
                Assert.NotNull(text.Describe('<', payload));
            }
        }
    }

    [Fact]
    public void Without_the_variable_nothing_stands_between()
    {
        Assert.Null(Environment.GetEnvironmentVariable(NetlinkTrace.Variable));
        using ScriptedTransport kernel = new();
        Assert.Same(kernel, NetlinkTrace.Wrap(kernel, NetlinkProtocol.Route));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public async Task The_variable_writes_to_stderr(string value, bool isOn)
    {
        // This very program with one test that opens a socket of the kernel's.
        ProcessStartInfo start = new(
            Environment.ProcessPath!, ["--filter-method", "*" + nameof(Without_a_script_a_socket_of_the_kernels_is_asked), "--no-ansi"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment[NetlinkTrace.Variable] = value;
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        string errors = await child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, await output);
        Assert.Equal(isOn, errors.Contains("> RTM_GETLINK", StringComparison.Ordinal));
        Assert.Equal(isOn, errors.Contains("IFLA_IFNAME \"lo\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_script_a_socket_of_the_kernels_is_asked()
    {
        using RouteClient client = RouteClient.Open();
        Assert.NotNull(client.FindLink("lo"));
    }

    private INetlinkTransport Watched(ScriptedTransport kernel, NetlinkProtocol protocol) =>
        NetlinkTrace.Watch(kernel, protocol, _lines.Add);
}
