using Cni;
using Datapath.Attachments;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary>Host ports that a container has, or an attachment of a network that is no longer valid.</summary>
public sealed class PortHolderKernelTests : PortmapKernelTest
{
    [Fact]
    public void Port_of_a_dead_container_is_taken_over()
    {
        AddAndDie(Mapped(Web));
        Succeed("ADD", Mapped(Web, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Succeed("CHECK", Mapped(Web, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        // The late DEL of the first leaves the second's.
        Succeed("DEL", Mapped(Web));
        Succeed("CHECK", Mapped(Web, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Assert.DoesNotContain(Elements(), static line => line.Contains(" c1 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Port_of_a_live_container_is_refused_naming_it()
    {
        Succeed("ADD", Mapped(Web));
        MakeAlive("c1");
        string[] before = Elements();
        Fail(
            "ADD",
            Mapped($"{Dns}, {Web}", addresses: "\"10.1.2.6/24\""),
            CniErrorCode.AlreadyExists,
            ["tcp port 8080", "network pods, container c1, interface eth0", "hostPort"],
            containerId: "c2");
        Assert.Equal(before, Elements());
        Succeed("ADD", Mapped(Web.Replace("tcp", "udp", StringComparison.Ordinal), addresses: "\"10.1.2.6/24\""), containerId: "c2");
        Succeed(
            "ADD",
            Mapped(Web.Replace("}", ", \"hostIP\": \"192.0.2.9\"}", StringComparison.Ordinal), addresses: "\"10.1.2.7/24\""),
            containerId: "c3");
    }

    // The interface is of a plugin that gives it no name of ours; libcni's cache knows the pod.
    [Fact]
    public void Port_of_a_container_that_the_runtime_remembers_is_refused()
    {
        string containerId = $"remembered-{Guid.NewGuid():N}";
        AddAndDie(Mapped(Web), containerId);
        string path = Path.Combine(CachedResult.Directory, $"pods-{containerId}-eth0");
        _ = Directory.CreateDirectory(CachedResult.Directory);
        File.WriteAllText(path, $$"""
            {"kind": "cniCacheV1", "networkName": "pods", "containerId": "{{containerId}}", "ifName": "eth0", "netns": "/proc/self/ns/net"}
            """);
        try
        {
            Fail("ADD", Mapped(Web, addresses: "\"10.1.2.6/24\""), CniErrorCode.AlreadyExists, [containerId], containerId: "c2");
        }
        finally
        {
            File.Delete(path);
        }
        Succeed("ADD", Mapped(Web, addresses: "\"10.1.2.6/24\""), containerId: "c2");
    }

    // Its interface is a macvlan, or was moved, and its chain of plugins has not ended yet: nothing but the namespace tells that it is
    // alive.
    [Fact]
    public void Port_of_a_container_whose_namespace_is_there_is_refused()
    {
        Succeed("ADD", Mapped(Web));
        Fail(
            "ADD",
            Mapped(Web, addresses: "\"10.1.2.6/24\""),
            CniErrorCode.AlreadyExists,
            ["tcp port 8080", "container c1"],
            containerId: "c2");
    }

    [Fact]
    public void Own_ports_of_a_killed_ADD_are_made_anew()
    {
        Succeed("ADD", Mapped($$"""{{Web}}, {"hostPort": 8081, "containerPort": 81}"""));
        MakeAlive("c1");
        Succeed("ADD", Mapped(Web, addresses: "\"10.1.2.9/24\", \"fd00:1::9/64\""));
        Succeed("CHECK", Mapped(Web, addresses: "\"10.1.2.9/24\", \"fd00:1::9/64\""));
        Assert.Equal(4, Elements().Length);
        Succeed("ADD", Mapped(Web));
        Succeed("CHECK", Mapped(Web));
        Succeed("DEL", Mapped(Web));
        Assert.Empty(Elements());
    }

    [Fact]
    public void GC_removes_the_networks_ports_that_are_not_valid()
    {
        string condition = "\"conditionsV4\": [\"ip saddr 10.0.0.0/8\"]";
        Succeed("ADD", Mapped(Web));
        Succeed("ADD", Mapped("""{"hostPort": 8081, "containerPort": 80}""", condition, "\"10.1.2.6/24\""), containerId: "c2");
        Succeed(
            "ADD",
            Mapped("""{"hostPort": 8082, "containerPort": 80}""", addresses: "\"10.1.2.7/24\""),
            containerId: "c3",
            network: "other");
        Succeed("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]");
        Succeed("CHECK", Mapped(Web));
        Assert.DoesNotContain(Elements(), static line => line.Contains(" c2 ", StringComparison.Ordinal));
        Succeed(
            "CHECK",
            Mapped("""{"hostPort": 8082, "containerPort": 80}""", addresses: "\"10.1.2.7/24\""),
            containerId: "c3",
            network: "other");
    }

    [Theory]
    [InlineData("c1", "other")]
    [InlineData(
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "another-network-with-a-long-name-that-leaves-no-room-for-the-rest")]
    public void Second_network_of_a_container_is_content_and_inherits_its_ports(string containerId, string other)
    {
        string second = Mapped(Web, addresses: "\"10.2.2.5/24\", \"fd00:2::5/64\"");
        Succeed("ADD", Mapped(Web), containerId, other + "1");
        NodeProgram.Run(
            Node, $"ip link add {new AttachmentTag(other + "1", containerId, "eth0").HostInterfaceName} type veth peer name p1");
        Succeed("ADD", second, containerId, other + "2");
        Succeed("CHECK", Mapped(Web), containerId, other + "1");
        Succeed("CHECK", second, containerId, other + "2");
        Assert.Contains(
            Elements(),
            static line =>
                line.Contains(" : 10.1.2.5 . 80", StringComparison.Ordinal)
                && line.Contains("tcp . 8080 comment", StringComparison.Ordinal));
        Succeed("DEL", Mapped(Web), containerId, other + "1");
        Assert.DoesNotContain(Elements(), static line => line.Contains("10.1.2.5", StringComparison.Ordinal));
        Assert.Contains(
            Elements(),
            static line =>
                line.Contains(" : 10.2.2.5 . 80", StringComparison.Ordinal)
                && line.Contains("tcp . 8080 comment", StringComparison.Ordinal));
        Succeed("CHECK", second, containerId, other + "2");
        Succeed("DEL", second, containerId, other + "2");
        Assert.Empty(Elements());
        Assert.DoesNotContain("heirs", NftProgram.List(Node), StringComparison.Ordinal);
    }

    [Fact]
    public void DEL_without_a_prevResult_and_GC_know_heirs_and_hand_over()
    {
        string second = Mapped(Web, addresses: "\"10.2.2.5/24\"");
        Succeed("ADD", Mapped(Web));
        MakeAlive("c1");
        Succeed("ADD", second, network: "other");
        Succeed("DEL", "", network: "other");
        Assert.DoesNotContain(Elements(), static line => line.Contains(" other ", StringComparison.Ordinal));
        Succeed("ADD", second, network: "other");
        Succeed("GC", "\"cni.dev/valid-attachments\": []");
        Assert.DoesNotContain(Elements(), static line => line.Contains(" pods ", StringComparison.Ordinal));
        Succeed("CHECK", second, network: "other");
        Succeed("DEL", second, network: "other");
        Assert.Empty(Elements());
    }
}
