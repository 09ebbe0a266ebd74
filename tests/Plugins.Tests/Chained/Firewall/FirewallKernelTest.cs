using System.Net;
using Datapath.Attachments;
using Linux.Addresses;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route.Links;
using Plugins.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

/// <summary>A node that forwards between bridges of pods and an outside, which knows the way to the pods.</summary>
public abstract class FirewallKernelTest : NodeKernelTest
{
    protected const string Outside4 = "192.0.2.2";
    protected const string Outside6 = "2001:db8::2";

    private readonly List<NetworkNamespace> _pods = [];

    protected FirewallKernelTest()
    {
        foreach (NetworkNamespace networkNamespace in (NetworkNamespace[])[Node, Outside])
        {
            networkNamespace.Run(static () =>
            {
                Sysctl.Write("net/ipv4/ip_forward", "1");
                Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
                // A link looks for the neighbours of forwarded packets only when its own link-local address is no longer tentative.
                Sysctl.Write("net/ipv6/conf/default/accept_dad", "0");
            });
        }
        NodeClient.CreateLink(new VethSpec { Name = "out0", Up = true, Peer = new VethPeer { Name = "eth0", TargetNamespace = Outside } });
        NodeProgram.Run(Node, "ip addr add 192.0.2.1/24 dev out0; ip addr add 2001:db8::1/64 dev out0 nodad");
        NodeProgram.Run(Outside, $"""
            ip link set eth0 up; ip addr add {Outside4}/24 dev eth0; ip addr add {Outside6}/64 dev eth0 nodad
            ip route add 10.0.0.0/8 via 192.0.2.1; ip route add fd00::/16 via 2001:db8::1
            """);
        Nft = NftClient.Open(Node);
    }

    protected NetworkNamespace Outside { get; } = NetworkNamespace.Create();

    protected NftClient Nft { get; }

    public override void Dispose()
    {
        Nft.Dispose();
        foreach (NetworkNamespace pod in _pods)
            pod.Dispose();
        Outside.Dispose();
        base.Dispose();
    }

    /// <summary>
    /// Joins a new pod to a bridge, as the bridge plugin would have done, with 10.BRIDGE.0.POD/16 and fd00:BRIDGE::POD/64.
    /// </summary>
    /// <param name="bridge">The number of the bridge <c>cniN</c>, which is made if it is absent.</param>
    /// <param name="number">The pod's number, from 2 on.</param>
    internal FirewallPod NewPod(int bridge, int number)
    {
        NetworkNamespace inside = NetworkNamespace.Create();
        _pods.Add(inside);
        FirewallPod pod = new(inside, $"c{bridge}-{number}", $"cni{bridge}", $"10.{bridge}.0.{number}", $"fd00:{bridge}::{number}");
        if (NodeClient.FindLink(pod.Bridge) is null)
        {
            _ = MakeBridge(pod.Bridge);
            NodeProgram.Run(
                Node, $"ip addr add 10.{bridge}.0.1/16 dev {pod.Bridge}; ip addr add fd00:{bridge}::1/64 dev {pod.Bridge} nodad");
        }
        NodeClient.CreateLink(new VethSpec
        {
            Name = pod.Tag.HostInterfaceName,
            Up = true,
            Master = IndexOf(pod.Bridge),
            Peer = new VethPeer { Name = "eth0", TargetNamespace = inside },
        });
        inside.Run(static () => Sysctl.Write("net/ipv6/conf/default/accept_dad", "0"));
        NodeProgram.Run(inside, $"""
            ip link set eth0 up; ip addr add {pod.Address4}/16 dev eth0; ip addr add {pod.Address6}/64 dev eth0 nodad
            ip route add default via 10.{bridge}.0.1; ip route add default via fd00:{bridge}::1
            """);
        return pod;
    }

    /// <summary>Calls the plugin for a pod; what it says on standard error.</summary>
    internal IReadOnlyList<string> Call(string verb, FirewallPod pod, string members = "", bool withResult = true)
    {
        string result = withResult ? $"\"prevResult\": {pod.Result(PathOf(pod.Namespace))}" : "";
        string config = string.Join(", ", ((string[])[members, result]).Where(static text => text.Length > 0));
        FakeHost host = FakeHost.For(
            verb, TestCall.Config(config).Replace("\"name\": \"pods\"", $"\"name\": \"{pod.Network}\"", StringComparison.Ordinal));
        host["CNI_CONTAINERID"] = pod.ContainerId;
        host["CNI_NETNS"] = PathOf(pod.Namespace);
        FirewallPlugin plugin = new();
        Node.Run(() => TestCall.Run(host, call =>
        {
            switch (verb)
            {
                case "ADD":
                    Assert.Same(call.PrevResult, plugin.Add(call));
                    break;
                case "DEL":
                    plugin.Del(call);
                    break;
                case "CHECK":
                    plugin.Check(call);
                    break;
                case "GC":
                    plugin.Gc(call);
                    break;
                default:
                    plugin.Status(call);
                    break;
            }
            return true;
        }));
        return host.Errors;
    }

    /// <summary>Adds pods that share a namespace, all at the same time.</summary>
    internal void AddAtOnce(int count)
    {
        FirewallPod pod = NewPod(1, 2);
        Exception?[] failures = new Exception?[count];
        Thread[] callers = [.. failures.Select((_, i) => new Thread(() => failures[i] = Record.Exception(
            () => Call("ADD", pod with { ContainerId = $"x{i}", Address4 = $"10.1.1.{i}", Address6 = $"fd00:1::1:{i}" }))))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.All(failures, Assert.Null);
    }

    /// <summary>The comment of the element that an address has in our sets; null if it has none.</summary>
    internal string? OwnerOf(string address) => IPAddress.Parse(address) is var parsed
        ? Nft.FindElement(FirewallRuleset.Pods(parsed.Family), NftValue.Of(parsed))?.Comment
        : null;
}

/// <summary>A pod behind a bridge.</summary>
internal sealed record FirewallPod(NetworkNamespace Namespace, string ContainerId, string Bridge, string Address4, string Address6)
{
    public string Network { get; init; } = "pods";

    public AttachmentTag Tag => new(Network, ContainerId, "eth0");

    /// <summary>The result of the bridge plugin.</summary>
    public string Result(string netns) => $$"""
        { "cniVersion": "1.1.0",
          "interfaces": [{ "name": "{{Bridge}}" }, { "name": "{{Tag.HostInterfaceName}}" }, { "name": "eth0", "sandbox": "{{netns}}" }],
          "ips": [{ "address": "{{Address4}}/16", "interface": 2 }, { "address": "{{Address6}}/64", "interface": 2 }] }
        """;
}
