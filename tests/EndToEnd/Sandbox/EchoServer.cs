using System.Net;
using System.Net.Sockets;
using System.Text;
using Linux.Namespaces;

namespace EndToEnd.Sandbox;

/// <summary>
/// A server inside a network namespace that says, over TCP and UDP and both families, what it is called and whom it sees:
/// <c>web 10.1.0.1</c>.
/// </summary>
public sealed class EchoServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly Socket _tcp;
    private readonly Socket _udp;
    private readonly Thread[] _threads;

    private EchoServer(string name, Socket tcp, Socket udp)
    {
        (_name, _tcp, _udp) = (name, tcp, udp);
        _threads = [new Thread(ServeTcp), new Thread(ServeUdp)];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    public static EchoServer Start(NetworkNamespace networkNamespace, string name, int port) => networkNamespace.Run(() =>
    {
        Socket tcp = Listen(SocketType.Stream, ProtocolType.Tcp, port);
        tcp.Listen();
        return new EchoServer(name, tcp, Listen(SocketType.Dgram, ProtocolType.Udp, port));
    });

    /// <summary>What a server answers; null if nothing comes, or a refusal.</summary>
    public static string? Ask(NetworkNamespace from, string address, int port, bool udp)
    {
        using Socket socket = OpenClient(from, address, udp);
        return Ask(socket, address, port);
    }

    /// <summary>A client's socket, to ask several times from the same port.</summary>
    public static Socket OpenClient(NetworkNamespace from, string address, bool udp) => from.Run(() => new Socket(
        IPAddress.Parse(address).AddressFamily, udp ? SocketType.Dgram : SocketType.Stream, udp ? ProtocolType.Udp : ProtocolType.Tcp)
    {
        ReceiveTimeout = (int)s_patience.TotalMilliseconds,
    });

    /// <inheritdoc cref="Ask(NetworkNamespace, string, int, bool)"/>
    public static string? Ask(Socket client, string address, int port)
    {
        byte[] answer = new byte[100];
        try
        {
            IPEndPoint server = new(IPAddress.Parse(address), port);
            if (client.SocketType == SocketType.Dgram)
                AskUntilAnswered(client, server);
            else if (!client.ConnectAsync(server).Wait(s_patience))
                return null;
            return Encoding.UTF8.GetString(answer, 0, client.Receive(answer));
        }
        catch (SocketException)
        {
            return null;
        }
        catch (AggregateException e) when (e.InnerException is SocketException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        // Ends a call that waits; closing alone does not.
        foreach (Socket socket in (Socket[])[_tcp, _udp])
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // What is not connected says so, and ends all the same.
            }
            socket.Dispose();
        }
        foreach (Thread thread in _threads)
            thread.Join();
    }

    // The first datagrams can be lost: IPv6 forwards nothing onto a link whose own link-local address is still tentative.
    private static void AskUntilAnswered(Socket client, IPEndPoint server)
    {
        const int Times = 8;
        // Answers to an earlier question that was asked several times.
        while (client.Available > 0)
            _ = client.Receive(new byte[100]);
        for (int time = 0; time < Times; time++)
        {
            _ = client.SendTo("?"u8, server);
            if (client.Poll(s_patience / Times, SelectMode.SelectRead))
                return;
        }
    }

    private static Socket Listen(SocketType type, ProtocolType protocol, int port)
    {
        Socket socket = new(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        return socket;
    }

    private void ServeTcp()
    {
        try
        {
            while (true)
            {
                using Socket connection = _tcp.Accept();
                _ = connection.Send(Answer(connection.RemoteEndPoint!));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void ServeUdp()
    {
        byte[] question = new byte[100];
        EndPoint client = new IPEndPoint(IPAddress.IPv6Any, 0);
        try
        {
            while (_udp.ReceiveFrom(question, ref client) > 0)
                _ = _udp.SendTo(Answer(client), client);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private byte[] Answer(EndPoint client)
    {
        IPAddress address = ((IPEndPoint)client).Address;
        return Encoding.UTF8.GetBytes($"{_name} {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}");
    }
}
