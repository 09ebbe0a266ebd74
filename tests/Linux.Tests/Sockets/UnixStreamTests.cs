using System.Net.Sockets;
using System.Text;
using Linux.Sockets;
using TestKit;

namespace Linux.Tests.Sockets;

public sealed class UnixStreamTests : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public UnixStreamTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
    }

    private string Path => _folder["socket"];

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Bytes_go_both_ways()
    {
        using UnixStream client = UnixStream.TryConnect(Path, s_timeout)!;
        using Socket server = _listener.Accept();
        client.Send("ping"u8);
        byte[] buffer = new byte[16];
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, server.Receive(buffer)));
        _ = server.Send("pong"u8);
        Assert.Equal("pong", Encoding.ASCII.GetString(buffer, 0, client.Receive(buffer)));
        server.Close();
        Assert.Equal(0, client.Receive(buffer));
    }

    [Fact]
    public void Nobody_there_is_null()
    {
        Assert.Null(UnixStream.TryConnect(Path + ".absent", s_timeout));
        Assert.Null(UnixStream.TryConnect(Path + "/below", s_timeout));
        _listener.Close();
        File.WriteAllText(Path, "");
        Assert.Null(UnixStream.TryConnect(Path, s_timeout));
    }

    [Fact]
    public void Path_that_is_too_long_is_an_error() =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => UnixStream.TryConnect("/" + new string('x', 108), s_timeout)).Errno);

    [Fact]
    public void Server_that_is_silent_is_waited_for_so_long_and_no_longer()
    {
        using UnixStream client = UnixStream.TryConnect(Path, TimeSpan.FromMilliseconds(20))!;
        Assert.Equal(Errno.EAGAIN, Assert.Throws<LinuxException>(() => client.Receive(new byte[1])).Errno);
    }

    [Fact]
    public void Sending_to_a_server_that_has_gone_is_an_error_and_no_signal()
    {
        using UnixStream client = UnixStream.TryConnect(Path, s_timeout)!;
        _listener.Accept().Dispose();
        Assert.Equal(Errno.EPIPE, Assert.Throws<LinuxException>(() => client.Send("ping"u8)).Errno);
    }
}
