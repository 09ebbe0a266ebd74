using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Linux.Files;
using Linux.Namespaces;
using Linux.Processes;
using Linux.Tests.Namespaces;
using Tmds.Linux;

namespace Linux.Tests.Processes;

public sealed class BackgroundCloseTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

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
        using NetworkNamespace network = NewNamespace.Create();
        (Socket writer, Socket reader) = network.Run(Connect);
        using Socket open = reader;
        writer.LingerState = new LingerOption(true, 2 * (int)s_patience.TotalSeconds);
        int sent = Fill(writer);
        FileDescriptor file = FileDescriptor.Own(LibC.dup((int)writer.Handle));
        writer.Dispose();

        await Task.Run(() => BackgroundClose.Close(file), TestContext.Current.CancellationToken)
            .WaitAsync(s_patience, TestContext.Current.CancellationToken);

        using NetworkStream stream = new(reader);
        using MemoryStream received = new();
        await stream.CopyToAsync(received, TestContext.Current.CancellationToken)
            .WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal(sent, received.Length);
    }

    private static (Socket Writer, Socket Reader) Connect()
    {
        using Process ip = Process.Start("ip", ["link", "set", "lo", "up"]);
        ip.WaitForExit();
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket writer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        writer.Connect(listener.LocalEndPoint!);
        return (writer, listener.Accept());
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
