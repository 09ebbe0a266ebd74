using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary><c>vrf</c> behind <c>bridge</c>, in user-mode-linux, which has VRFs.</summary>
[Trait("Kernel", "uml")]
public sealed class VrfTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private readonly TestNetwork _network = node.NewNetwork();

    private string Bridge => _network.Config(""" "isDefaultGateway": true """, _network.Ipam("dual"));

    private string Vrf(string members = """ "vrfname": "red" """) =>
        $$"""{ "cniVersion": "1.1.0", "name": "{{_network.Name}}", "type": "vrf", {{members}} }""";

    [Fact]
    public void Pod_reaches_its_gateways_through_the_VRF_alone()
    {
        (Pod pod, PluginResult made) = node.Attach(Bridge);
        PluginResult added = node.Plugin.Add("vrf", made.WithPrevResult(Vrf()), pod).ExpectSuccess();

        foreach (string gateway in (string[])[_network.Gateway4, _network.Gateway6])
        {
            _ = pod.Run("ping", "-n", "-c1", "-W2", "-I", "red", gateway);
            pod.AssertDoesNotReach(gateway);
        }
        _ = node.Plugin.Check("vrf", added.WithPrevResult(Vrf()), pod).ExpectSuccess();
        _ = node.Plugin.Check("bridge", added.WithPrevResult(Bridge), pod).ExpectSuccess();
        Says.All(node.Plugin.Check("vrf", added.WithPrevResult(Vrf(""" "vrfname": "blue" """)), pod).ExpectError(code: 104), "blue");

        for (int round = 0; round < 2; round++)
            _ = node.Plugin.Delete("vrf", Vrf(), pod).ExpectSuccess();
        Assert.Null(node.FindLink("red", pod));
        _ = node.Plugin.Delete("bridge", Bridge, pod).ExpectSuccess();
        _ = node.Plugin.Delete("vrf", Vrf(), pod).ExpectSuccess();
        pod.Delete();
        _ = node.Plugin.Delete("vrf", Vrf(), pod).ExpectSuccess();
    }

    [Fact]
    public void Killed_ADD_is_taken_back_by_DEL()
    {
        Random random = new(Seed: 1);
        for (int round = 0; round < 10; round++)
        {
            (Pod pod, PluginResult made) = node.Attach(Bridge);
            using RunningCommand add = node.Plugin.Start("vrf", "ADD", made.WithPrevResult(Vrf()), pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 60));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("vrf", Vrf(), pod).ExpectSuccess();
            Assert.Null(node.FindLink("red", pod));
            _ = node.Plugin.Delete("bridge", Bridge, pod).ExpectSuccess();
        }
    }
}
