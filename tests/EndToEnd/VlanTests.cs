using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary>VLANs on a bridge's ports. Runs in user-mode-linux: the kernels of test machines have no bridge VLAN filtering.</summary>
[Trait("Kernel", "uml")]
public sealed class VlanTests : IDisposable
{
    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly PluginProcess _plugin;

    public VlanTests() => _plugin = new PluginProcess(_sandbox);

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Pods_of_one_vlan_reach_each_other_and_no_others()
    {
        Pod first = Add("first", vlan: 100, host: 11);
        Pod second = Add("second", vlan: 100, host: 12);
        Pod other = Add("other", vlan: 200, host: 13);

        first.AssertReaches(second.Address());
        first.AssertDoesNotReach(other.Address());
        other.AssertDoesNotReach(first.Address());
    }

    [Fact]
    public void A_port_has_its_vlan_untagged_and_as_pvid()
    {
        _ = Add("only", vlan: 100, host: 11);

        string vlans = _sandbox.Run("bridge", "vlan", "show");
        Assert.Matches(@"veth\S+\s+(1 Egress Untagged\s+)?100 PVID Egress Untagged", vlans);
    }

    [Fact]
    public void Deleted_pods_leave_nothing()
    {
        Delete(Add("shared", vlan: 100, host: 11), vlan: 100, host: 11);
        NodeState before = NodeState.Of(_sandbox);

        Delete(Add("only", vlan: 100, host: 11), vlan: 100, host: 11);

        NodeState.Of(_sandbox).AssertSameAs(before);
    }

    private Pod Add(string name, int vlan, int host)
    {
        Pod pod = Pod.Create(_sandbox, name);
        _ = _plugin.Add("bridge", Config(vlan, host), pod).ExpectSuccess();
        OurPlugins.AssertAttached(_sandbox, $"vlan{vlan}", pod, masqueraded: false);
        return pod;
    }

    private void Delete(Pod pod, int vlan, int host)
    {
        _ = _plugin.Delete("bridge", Config(vlan, host), pod).ExpectSuccess();
        pod.Delete();
    }

    // One subnet for all: only the VLAN keeps them apart.
    private static string Config(int vlan, int host) => $$"""
        {
          "cniVersion": "1.0.0", "name": "vlan{{vlan}}", "type": "bridge", "bridge": "cni0", "vlan": {{vlan}},
          "ipam": { "type": "host-local", "subnet": "10.34.0.0/24", "rangeStart": "10.34.0.{{host}}" }
        }
        """;
}
