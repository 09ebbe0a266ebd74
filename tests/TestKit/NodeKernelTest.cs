using Cni;
using Datapath.Attachments;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;

namespace TestKit;

/// <summary>A node and a pod, each a new network namespace.</summary>
public abstract class NodeKernelTest : KernelTest
{
    protected NodeKernelTest()
    {
        Pod = NetworkNamespace.Create();
        PodClient = RouteClient.Open(Pod);
    }

    protected NetworkNamespace Node => Namespace;

    protected RouteClient NodeClient => Client;

    protected NetworkNamespace Pod { get; }

    protected RouteClient PodClient { get; }

    public static AttachmentTag Tag => new("pods", "c1", "eth0");

    public override void Dispose()
    {
        PodClient.Dispose();
        Pod.Dispose();
        base.Dispose();
    }

    /// <summary>What CNI_NETNS says for a namespace that the test holds open.</summary>
    protected static string PathOf(NetworkNamespace networkNamespace) => $"/proc/self/fd/{networkNamespace.Handle.Number}";

    /// <summary>Runs code in a call of the pod's, on a thread of the node's.</summary>
    public T InCall<T>(string command, string members, Func<CniInvocation, T> body, NetworkNamespace? pod = null)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_NETNS"] = PathOf(pod ?? Pod);
        return Node.Run(() => TestCall.Run(host, body));
    }

    /// <summary>Runs steps of an ADD on a thread of the node's.</summary>
    public void InAdd(Action<UndoStack> steps) => InCall("ADD", "", call => UndoStack.Run(call, undo =>
    {
        steps(undo);
        return true;
    }));

    /// <summary>A bridge in the node, up.</summary>
    protected int MakeBridge(string name = "br0")
    {
        NodeClient.CreateLink(new BridgeSpec { Name = name, Up = true });
        return IndexOf(name);
    }

    /// <summary>A veth in the node whose other end is <c>eth0</c> in the pod; both down.</summary>
    /// <returns>The index of the end in the pod.</returns>
    protected int MakeVeth(string name = "host0")
    {
        NodeClient.CreateLink(new VethSpec { Name = name, Peer = new VethPeer { Name = "eth0", TargetNamespace = Pod } });
        return PodClient.FindLink("eth0")!.Index;
    }
}
