using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd;

public sealed class CniToolTests : IDisposable
{
    // Three addresses only: a leaked lease shows as a full range.
    private const string Network = """
        {
          "cniVersion": "1.0.0",
          "name": "tool",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "cni0",
              "isGateway": true,
              "ipMasq": true,
              "ipam": {
                "type": "host-local",
                "ranges": [
                  [{ "subnet": "10.31.0.0/24", "rangeStart": "10.31.0.10", "rangeEnd": "10.31.0.12" }],
                  [{ "subnet": "fd00:31::/64", "rangeStart": "fd00:31::10", "rangeEnd": "fd00:31::12" }]
                ],
                "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }]
              }
            }
          ]
        }
        """;

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly CniTool _tool;

    public CniToolTests()
    {
        string file = _sandbox.WriteFile("net.d/10-tool.conflist", Network);
        _tool = new CniTool(_sandbox, Path.GetDirectoryName(file)!);
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Pods_reach_each_other_their_gateway_and_the_outside()
    {
        OutsideWorld outside = OutsideWorld.CreateIn(_sandbox);
        Pod first = Add("first");
        Pod second = Add("second");

        OurPlugins.AssertAttached(_sandbox, "tool", first, masqueraded: true);
        OurPlugins.AssertAttached(_sandbox, "tool", second, masqueraded: true);
        first.AssertReaches(second.Address());
        first.AssertReaches(second.Address(isIPv6: true));
        first.AssertReaches("10.31.0.1");
        first.AssertReaches("fd00:31::1");
        first.AssertReaches(OutsideWorld.Address4);
        first.AssertReaches(OutsideWorld.Address6);
        Assert.Equal([OutsideWorld.NodeAddress4, OutsideWorld.NodeAddress6], outside.TakePingSources());
    }

    // C80.
    [Fact]
    public void Deleted_pods_leave_nothing()
    {
        Remove(Add("shared"));
        NodeState before = NodeState.Of(_sandbox);

        for (int round = 0; round < 2; round++)
        {
            Pod[] pods = [Add("first"), Add("second"), Add("third")];
            foreach (Pod pod in pods)
            {
                _ = _tool.Run("check", "tool", pod).Expect(exitCode: 0);
                Remove(pod);
            }

            NodeState after = NodeState.Of(_sandbox);
            after.AssertSameAs(before);
            after.AssertNoTraceOf("cnitool-");
        }
    }

    private Pod Add(string name)
    {
        Pod named = Pod.Create(_sandbox, name);
        _ = _tool.Run("add", "tool", named).Expect(exitCode: 0);
        return new Pod(_sandbox, CniTool.ContainerId(named.Netns), named.Netns);
    }

    private void Remove(Pod pod)
    {
        _ = _tool.Run("del", "tool", pod).Expect(exitCode: 0);
        _ = _tool.Run("del", "tool", pod).Expect(exitCode: 0);
        pod.Delete();
    }
}
