using System.Net;
using System.Net.Sockets;
using Tmds.Linux;

namespace Linux.Tests;

public sealed class BackgroundCloseTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public BackgroundCloseTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Number_is_given_up_at_once()
    {
        FileDescriptor file = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        BackgroundClose.Close(file);
        Assert.True(file.IsClosed);
        BackgroundClose.Close(file);
    }

    /// <summary>Whoever closes a socket with SO_LINGER waits until the other side has taken everything.</summary>
    [Fact]
    public async Task Nobody_waits_for_a_close_that_waits()
    {
        TcpClient client = new();
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using TcpClient reader = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        client.LingerState = new LingerOption(true, 2 * (int)Patience.TotalSeconds);
        int sent = Fill(client.Client);
        FileDescriptor file = FileDescriptor.Own(LibC.dup((int)client.Client.Handle));
        client.Dispose();

        await Task.Run(() => BackgroundClose.Close(file), TestContext.Current.CancellationToken)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

        using MemoryStream received = new();
        await reader.GetStream().CopyToAsync(received, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(sent, received.Length);
    }

    /// <summary>Sends until neither side has room for more.</summary>
    private static int Fill(Socket socket)
    {
        socket.Blocking = false;
        byte[] chunk = new byte[64 * 1024];
        int sent = 0;
        SocketError error;
        do
            sent += socket.Send(chunk, SocketFlags.None, out error);
        while (error == SocketError.Success);
        Assert.Equal(SocketError.WouldBlock, error);
        return sent;
    }
}
