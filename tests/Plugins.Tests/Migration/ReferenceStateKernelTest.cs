using Cni;
using Netlink.Nftables;
using Plugins.Migration;
using TestKit;

namespace Plugins.Tests.Migration;

/// <summary>A node on which the reference's plugins ran, and calls of ours that clean up behind them.</summary>
public abstract class ReferenceStateKernelTest : NodeKernelTest
{
    internal ReferenceStateKernelTest() => Reference = new ReferenceNode(Node);

    internal ReferenceNode Reference { get; }

    public override void Dispose()
    {
        Reference.Dispose();
        base.Dispose();
    }

    /// <summary>Removes in a DEL of a container of the network <c>pods</c>.</summary>
    internal void Del(string containerId, Func<CniInvocation, IEnumerable<IReferenceRules>> kinds, string ifName = "eth0") =>
        _ = InCall(HostFor("DEL", "", containerId, ifName), call => Remove(kinds(call)));

    /// <summary>Removes in a GC of the network <c>pods</c> that spares containers' eth0.</summary>
    internal void Gc(Func<CniInvocation, IEnumerable<IReferenceRules>> kinds, params string[] valid) =>
        _ = InCall(HostFor("GC", Valid(valid), "", ""), call => Remove(kinds(call)));

    private protected static FakeHost HostFor(string command, string members, string containerId, string ifName)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_CONTAINERID"] = containerId;
        host["CNI_IFNAME"] = ifName;
        return host;
    }

    private protected static string Valid(string[] containerIds) =>
        "\"cni.dev/valid-attachments\": "
        + $"[{string.Join(", ", containerIds.Select(id => $$"""{ "containerID": "{{id}}", "ifname": "eth0" }"""))}]";

    private protected T InCall<T>(FakeHost host, Func<CniInvocation, T> body) => Node.Run(() => TestCall.Run(host, body));

    private static bool Remove(IEnumerable<IReferenceRules> kinds)
    {
        using NftClient nft = NftClient.Open();
        ReferenceCleanup.Remove(nft, [.. kinds]);
        return true;
    }
}
