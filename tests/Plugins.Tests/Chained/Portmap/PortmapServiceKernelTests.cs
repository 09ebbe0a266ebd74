using System.Net;
using System.Net.Sockets;
using System.Text;
using Linux.Namespaces;
using Plugins.Chained.Portmap;
using Plugins.Tests.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary>Published ports beside what kube-proxy serves on the same node.</summary>
public sealed class PortmapServiceKernelTests : FirewallKernelTest
{
    private const int HostPort = 8080;

    private readonly List<TcpListener> _listeners = [];

    public override void Dispose()
    {
        foreach (TcpListener listener in _listeners)
            listener.Dispose();
        base.Dispose();
    }

    private void Publish(FirewallPod pod)
    {
        FakeHost host = TestCall.HostFor("ADD", $$"""
            "runtimeConfig": {"portMappings": [{"hostPort": {{HostPort}}, "containerPort": 80}]},
            "prevResult": {{pod.Result(PathOf(pod.Namespace))}}
            """);
        host["CNI_CONTAINERID"] = pod.ContainerId;
        host["CNI_NETNS"] = PathOf(pod.Namespace);
        Node.Run(() => TestCall.Run(host, static call => new PortmapPlugin().Add(call)));
    }

    /// <summary>Answers every connection with a name.</summary>
    private void Serve(NetworkNamespace place, int port, string name)
    {
        TcpListener listener = place.Run(() =>
        {
            TcpListener made = new(IPAddress.IPv6Any, port);
            made.Server.DualMode = true;
            made.Start();
            return made;
        });
        _listeners.Add(listener);
        Thread server = new(() => AnswerAll(listener, Encoding.ASCII.GetBytes(name))) { IsBackground = true };
        server.Start();
    }

    private static void AnswerAll(TcpListener listener, byte[] name)
    {
        try
        {
            while (true)
            {
                using Socket connection = listener.AcceptSocket();
                _ = connection.Send(name);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over: while it waited, or between two connections.
        }
    }

    private static string Answer(NetworkNamespace from, string address) => from.Run(() =>
    {
        using Socket socket = new(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Parse(address), HostPort);
        byte[] buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    });

    [Fact]
    public void Address_of_IPVS_is_no_address_of_the_host()
    {
        (FirewallPod pod, FirewallPod client) = (NewPod(1, 5), NewPod(2, 5));
        _ = MakeBridge("kube-ipvs0");
        NodeProgram.Run(Node, "ip addr add 10.96.0.1/32 dev kube-ipvs0; ip addr add fd96::1/128 dev kube-ipvs0 nodad; ip link set lo up");
        Serve(pod.Namespace, 80, "pod");
        Serve(Node, HostPort, "service");
        Publish(pod);
        foreach (NetworkNamespace from in (NetworkNamespace[])[client.Namespace, Node])
        {
            Assert.Equal(("service", "service"), (Answer(from, "10.96.0.1"), Answer(from, "fd96::1")));
            Assert.Equal(("pod", "pod"), (Answer(from, "192.0.2.1"), Answer(from, "2001:db8::1")));
        }
        Assert.Equal("pod", Answer(Outside, "192.0.2.1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Service_that_kube_proxy_translates_comes_first(bool isThereBefore)
    {
        (FirewallPod pod, FirewallPod backend) = (NewPod(1, 5), NewPod(1, 6));
        Serve(pod.Namespace, 80, "pod");
        Serve(backend.Namespace, 80, "service");
        if (!isThereBefore)
            Publish(pod);
        NodeProgram.Run(Node, $"""
            ip addr add 192.0.2.9/24 dev out0; ip link set lo up
            for chain in PREROUTING OUTPUT; do
              iptables -t nat -A $chain -d 192.0.2.9 -p tcp --dport {HostPort} -j DNAT --to-destination {backend.Address4}:80
            done
            """);
        if (isThereBefore)
            Publish(pod);
        foreach (NetworkNamespace from in (NetworkNamespace[])[Outside, Node])
            Assert.Equal(("service", "pod"), (Answer(from, "192.0.2.9"), Answer(from, "192.0.2.1")));
    }
}
