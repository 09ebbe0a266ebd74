using System.Text;
using Linux.Processes;
using Linux.Sockets;
using TestKit;

namespace Linux.Tests.Sockets;

public sealed class UnixListenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Socket => _folder["s"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_connection_carries_bytes_both_ways_and_tells_its_end()
    {
        using UnixListener listener = UnixListener.Listen(Socket);
        Assert.Null(listener.Accept());
        using UnixStream client = UnixStream.TryConnect(Socket, TimeSpan.FromSeconds(10))!;
        using UnixStream server = listener.Accept()!;
        byte[] buffer = new byte[16];
        Assert.False(server.File.TryRead(buffer, out _));

        client.Send("ping"u8);
        bool[] ready = new bool[2];
        Assert.True(Readiness.Wait([listener.File, server.File], ready, TimeSpan.FromSeconds(10)));
        Assert.Equal([false, true], ready);
        Assert.True(server.File.TryRead(buffer, out int count));
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, count));

        server.Send("pong"u8);
        server.Dispose();
        Assert.Equal("pong", Encoding.ASCII.GetString(client.File.ReadToEnd()));
        Assert.Equal(Errno.EPIPE, Assert.Throws<LinuxException>(() => client.Send("x"u8)).Errno);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0b111_111)]
    public void The_path_is_the_owners_alone_whatever_the_umask(int umask) => Umask.Run(umask, () =>
    {
        using UnixListener listener = UnixListener.Listen(Socket);
        Assert.Equal("600", Umask.ModeOf(Socket));
    });

    [Fact]
    public void The_path_goes_with_the_listener()
    {
        UnixListener.Listen(Socket).Dispose();
        Assert.False(File.Exists(Socket));
        Assert.Null(UnixStream.TryConnect(Socket, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_socket_that_is_listened_on_is_not_taken()
    {
        using UnixListener listener = UnixListener.Listen(Socket);
        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => UnixListener.Listen(Socket)).Errno);
    }

    [Fact]
    public void A_file_that_is_no_socket_is_not_replaced()
    {
        File.WriteAllText(Socket, "kept");
        _ = Assert.Throws<LinuxException>(() => UnixListener.Listen(Socket));
        Assert.Equal("kept", File.ReadAllText(Socket));
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused() =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => UnixListener.Listen("/" + new string('x', 108))).Errno);

    [Theory]
    [InlineData(null, null)]
    [InlineData("1", "1")]
    [InlineData("self", "0")]
    [InlineData("self", "x")]
    public void Without_activation_for_this_process_there_is_no_socket(string? pid, string? count) =>
        Assert.Null(UnixListener.Activated(pid == "self" ? $"{Environment.ProcessId}" : pid, count));

    [Fact]
    public void Several_activated_sockets_are_refused() =>
        Assert.Equal(Errno.E2BIG, Assert.Throws<LinuxException>(() => UnixListener.Activated($"{Environment.ProcessId}", "2")).Errno);
}
