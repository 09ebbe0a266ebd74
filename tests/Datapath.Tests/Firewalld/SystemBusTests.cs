using System.Net.Sockets;
using System.Text;
using Cni;
using Datapath.Firewalld;
using TestKit;

namespace Datapath.Tests.Firewalld;

/// <summary>What goes over the wire; FirewalldTests (tests/EndToEnd) talk to the real bus.</summary>
public sealed class SystemBusTests : IDisposable
{
    // Answer to Hello and the signal behind it, as dbus-daemon 1.14.10 sends them.
    private const string HelloAnswer =
        "6c02010109000000010000003d00000006017300040000003a312e3000000000"
        + "0501750001000000080167000173000007017300140000006f72672e66726565"
        + "6465736b746f702e4442757300000000040000003a312e30006c040101090000"
        + "00020000008d00000001016f00150000002f6f72672f667265656465736b746f"
        + "702f4442757300000002017300140000006f72672e667265656465736b746f70"
        + "2e4442757300000000030173000c0000004e616d654163717569726564000000"
        + "0006017300040000003a312e3000000000080167000173000007017300140000"
        + "006f72672e667265656465736b746f702e4442757300000000040000003a312e"
        + "3000";

    // dbus-send --system --print-reply --dest=org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1
    //   org.fedoraproject.FirewallD1.zone.querySource string:trusted string:10.1.0.5/32
    // under strace (libdbus 1.14.10), but for the third byte: it lets services be started (0), we do not (NO_AUTO_START).
    private const string QuerySource =
        "6c0102011c00000002000000a000000001016f001d0000002f6f72672f666564"
        + "6f726170726f6a6563742f4669726577616c6c44310000000201730021000000"
        + "6f72672e6665646f726170726f6a6563742e4669726577616c6c44312e7a6f6e"
        + "6500000000000000030173000b0000007175657279536f757263650000000000"
        + "060173001c0000006f72672e6665646f726170726f6a6563742e466972657761"
        + "6c6c44310000000008016700027373000700000074727573746564000b000000"
        + "31302e312e302e352f333200";

    // The bus's own answer to that where nobody has the name.
    private const string ServiceUnknown =
        "6c03010151000000030000007500000006017300040000003a312e3000000000"
        + "04017300290000006f72672e667265656465736b746f702e444275732e457272"
        + "6f722e53657276696365556e6b6e6f776e000000000000000501750002000000"
        + "080167000173000007017300140000006f72672e667265656465736b746f702e"
        + "44427573000000004c000000546865206e616d65206f72672e6665646f726170"
        + "726f6a6563742e4669726577616c6c443120776173206e6f742070726f766964"
        + "656420627920616e79202e736572766963652066696c657300";

    // A method's return with serial 2 answered and one boolean, true: header fields REPLY_SERIAL and SIGNATURE.
    private const string True = "6c02010104000000070000000f0000000501750002000000080167000162000001000000";

    private readonly string _directory = Directory.CreateTempSubdirectory("cniplugin-bus-").FullName;
    private readonly List<string> _received = [];

    private string Path => System.IO.Path.Combine(_directory, "bus");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Runs a client beside a server that answers what it is sent, piece by piece.</summary>
    private void Serve(string[] answers, Action client) => Serve(Path, answers, client);

    private void Serve(string name, string[] answers, Action client)
    {
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen();
        Thread server = new(() =>
        {
            using Socket connection = listener.Accept();
            byte[] buffer = new byte[4096];
            foreach (string answer in answers)
            {
                int count = connection.Receive(buffer);
                // The end of the authentication has no answer; what follows it has.
                if (buffer.AsSpan(0, count).SequenceEqual("BEGIN\r\n"u8))
                    count += connection.Receive(buffer.AsSpan(count));
                _received.Add(Convert.ToHexStringLower(buffer.AsSpan(0, count)));
                _ = connection.Send(
                    answer.Contains('\n', StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(answer) : Convert.FromHexString(answer));
            }
        });
        server.Start();
        try
        {
            client();
        }
        finally
        {
            server.Join();
        }
    }

    private static byte[] Query(SystemBus bus) => bus.Call(
        FirewalldClient.BusName,
        "/org/fedoraproject/FirewallD1",
        "org.fedoraproject.FirewallD1.zone",
        "querySource",
        "trusted",
        "10.1.0.5/32");

    [Fact]
    public void No_bus_is_null()
    {
        Assert.Null(SystemBus.TryConnect(Path));
        using (Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            listener.Bind(new UnixDomainSocketEndPoint(Path));
        Assert.Null(SystemBus.TryConnect(Path));
    }

    [Fact]
    public void Call_is_written_as_libdbus_writes_it()
    {
        Serve(["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", HelloAnswer, True], () =>
        {
            using SystemBus bus = SystemBus.TryConnect(Path)!;
            Assert.True(SystemBus.ReadBoolean(Query(bus)));
        });
        Assert.Equal(Convert.ToHexStringLower("\0AUTH EXTERNAL\r\nDATA\r\n"u8), _received[0]);
        Assert.StartsWith(Convert.ToHexStringLower("BEGIN\r\n"u8), _received[1], StringComparison.Ordinal);
        Assert.Equal(QuerySource, _received[2]);
    }

    [Theory]
    [InlineData("unix:path={0}")]
    [InlineData("unix:guid=5727955f3a914002e73f24216b078488,path={0}")]
    [InlineData("tcp:host=127.0.0.1,port=9;unix:path={0}.none;unix:path={0}")]
    [InlineData("unixexec:path=/bin/false;unix:tmpdir=/tmp;unix:path={0};unix:path={0}.other")]
    [InlineData("unix:path={1}")]
    [InlineData(";unix:path={0};")]
    public void Address_of_the_environment_is_understood_as_every_client_does(string form)
    {
        string escaped = string.Concat(Encoding.UTF8.GetBytes(Path).Select(static value => $"%{value:x2}"));
        Serve(["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", HelloAnswer], () =>
        {
            using SystemBus? bus = SystemBus.TryConnectTo(
                string.Format(System.Globalization.CultureInfo.InvariantCulture, form, Path, escaped));
            Assert.NotNull(bus);
        });
    }

    [Fact]
    public void Abstract_name_is_no_file()
    {
        string name = $"cniplugin-bus-{Guid.NewGuid()}";
        Serve($"\0{name}", ["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", HelloAnswer], () =>
        {
            using SystemBus? bus = SystemBus.TryConnectTo($"unix:abstract={name},guid=0");
            Assert.NotNull(bus);
        });
        Assert.Null(SystemBus.TryConnectTo($"unix:abstract={name}"));
    }

    [Fact]
    public void Firewalld_is_looked_for_where_the_environment_says() =>
        Serve(["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", HelloAnswer, True], () =>
        {
            FakeHost host = TestCall.HostFor("ADD", "");
            host[SystemBus.AddressVariable] = $"unix:path={Path}";
            Assert.True(TestCall.Run(host, static call =>
            {
                using FirewalldClient? firewalld = FirewalldClient.TryConnect(call);
                return firewalld is not null;
            }));
        });

    [Theory]
    [InlineData("/run/dbus/socket", "transport")]
    [InlineData("unix:/run/dbus/socket", "key=value")]
    [InlineData("unix:path=/run/a b", "%xx")]
    [InlineData("unix:path=/run/a%2", "%xx")]
    [InlineData("unix:path=/run/a%zz", "%xx")]
    [InlineData("unix:path=/a,abstract=b", "two sockets")]
    [InlineData("unix:path=", "no socket")]
    [InlineData("tcp:host=127.0.0.1,port=9", "unix:path=")]
    [InlineData("unix:runtime=yes;launchd:env=X", "unix:path=")]
    public void Address_that_cannot_be_used_is_told(string addresses, string word) =>
        TestCall.AssertFails(
            CniErrorCode.TryAgainLater, ["DBUS_SYSTEM_BUS_ADDRESS", addresses, word], () => SystemBus.TryConnectTo(addresses));

    [Fact]
    public void Error_has_its_own_words() => Serve(["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", HelloAnswer, ServiceUnknown], () =>
    {
        using SystemBus bus = SystemBus.TryConnect(Path)!;
        SystemBusException error = Assert.Throws<SystemBusException>(() => Query(bus));
        Assert.Equal("The name org.fedoraproject.FirewallD1 was not provided by any .service files", error.Message);
    });

    [Theory]
    [InlineData("DATA\r\nREJECTED EXTERNAL\r\n", "REJECTED EXTERNAL")]
    [InlineData("REJECTED\r\n", "REJECTED")]
    [InlineData("DATA\r\n", "closed")]
    public void Refused_authentication_is_told(string answer, string word) =>
        Serve([answer], () => TestCall.AssertFails(CniErrorCode.TryAgainLater, ["D-Bus", word], () => SystemBus.TryConnect(Path)));

    [Theory]
    [InlineData("42020101000000000000000000000000")]
    [InlineData("6c020101ffffffff00000000ffffffff")]
    [InlineData("6c02")]
    public void Answer_that_is_none_is_told(string answer) => Serve(
        ["DATA\r\nOK 5727955f3a914002e73f24216b078488\r\n", answer],
        () => TestCall.AssertFails(CniErrorCode.TryAgainLater, ["D-Bus"], () => SystemBus.TryConnect(Path)));
}
