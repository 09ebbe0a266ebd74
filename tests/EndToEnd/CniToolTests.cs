using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd;

public sealed class CniToolTests : IDisposable
{
    // Three addresses only: a leaked lease shows as a full range.
    private static readonly PodNetwork s_network = new("""
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
        """);

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly CniTool _tool;

    public CniToolTests() => _tool = new CniTool(_sandbox, s_network);

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Pods_reach_each_other_their_gateway_and_the_outside() =>
        s_network.AssertServes(_sandbox, _tool.AddPod("first"), _tool.AddPod("second"));

    // checklist.txt, C80.
    [Fact]
    public void Deleted_pods_leave_nothing()
    {
        _tool.DeletePod(_tool.AddPod("shared"));
        NodeState before = NodeState.Of(_sandbox);

        for (int round = 0; round < 2; round++)
        {
            Pod[] pods = [_tool.AddPod("first"), _tool.AddPod("second"), _tool.AddPod("third")];
            foreach (Pod pod in pods)
            {
                _tool.CheckPod(pod);
                _tool.DeletePod(pod);
            }

            NodeState after = NodeState.Of(_sandbox);
            after.AssertSameAs(before);
            after.AssertNoTraceOf("cnitool-");
        }
    }
}
