using System.Globalization;
using System.Text.Json;
using Cni;
using Datapath.Endpoints;
using Netlink.Route.Links;
using Plugins.Chained.Endpoint;
using TestKit;

namespace Plugins.Tests.Chained.Endpoint;

public sealed class EndpointPluginKernelTests : NodeKernelTest
{
    private readonly TemporaryFolder _folder = new();

    public EndpointPluginKernelTests() => _ = MakeVeth();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private string DataDir => _folder["endpoints"];

    private EndpointStore Store => new(DataDir);

    private uint GroupOf(string name) => NodeClient.FindLink(name)!.Group;

    private string PrevResult(string address = "10.1.2.3/24") => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "host0"}, {"name": "eth0", "sandbox": "{{PathOf(Pod)}}"},
        {"name": "eth1", "sandbox": "{{PathOf(Pod)}}"}], "ips": [{"address": "{{address}}", "interface": 1},
        {"address": "fd00::3/64", "interface": 1}, {"address": "10.9.9.9/24", "interface": 2}],
        "routes": [{"dst": "0.0.0.0/0"}], "dns": {"search": ["a"]}, "x": {"y": 1} }
        """;

    private FakeHost Call(string command, string members, int expect = 0, string args = "", string? netns = null, string? dataDir = null)
    {
        FakeHost host = TestCall.HostFor(
            command, $"\"dataDir\": \"{dataDir ?? DataDir}\"{(members.Length > 0 ? ", " : "")}{members}", args);
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        int status = Node.Run(() => CniProgram.Run(host, new EndpointPlugin(), ErrorTranslation.Translate));
        Assert.True(status == expect, $"{command}: {string.Concat(host.Outputs)}");
        return host;
    }

    private FakeHost Add(string members = "", int expect = 0, string args = "", string? dataDir = null) =>
        Call("ADD", $"{members}{(members.Length > 0 ? ", " : "")}{PrevResult()}", expect, args, dataDir: dataDir);

    private string Refused(string command, string members, int code)
    {
        using JsonDocument answer = JsonDocument.Parse(Call(command, members, expect: 1).Output);
        Assert.Equal(code, answer.RootElement.GetProperty("code").GetInt32());
        return answer.RootElement.GetProperty("msg").GetString()!;
    }

    [Fact]
    public void ADD_writes_who_the_pod_is_and_DEL_forgets_it()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        FakeHost added = Add(
            """
            "args": {"cni": {"labels": [{"key": "app", "value": "web"}]}}, "runtimeConfig": {"aliases": {"pods": ["www"]},
            "io.kubernetes.cri.pod-annotations": {"note": "x"}, "portMappings": [{"hostPort": 8080, "containerPort": 80}]}
            """,
            args: "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_UID=u1");

        EndpointRecord record = Store.Find(Tag.Text)!;
        Assert.Equal(
            ("pods", "c1", "eth0", PathOf(Pod), "host0"),
            (record.Network, record.ContainerId, record.IfName, record.NetNS, record.HostInterface));
        Assert.Equal(["10.1.2.3/24", "fd00::3/64"], record.Addresses.Select(static address => address.ToString()));
        Assert.Equal(("web-0", "shop", "u1"), (record.Name, record.Namespace, record.Uid));
        Assert.Equal(("web", "x"), (record.Labels["app"], record.Annotations["note"]));
        Assert.Equal(["www"], record.Aliases);
        Assert.Equal([new EndpointPort(null, "tcp", 8080, 80)], record.Ports);
        Assert.InRange(record.CreatedAt, before.AddMilliseconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal(0u, GroupOf("host0"));

        using JsonDocument answer = JsonDocument.Parse(added.Output);
        using JsonDocument given = JsonDocument.Parse($"{{{PrevResult()}}}");
        Assert.True(JsonElement.DeepEquals(given.RootElement.GetProperty("prevResult"), answer.RootElement), added.Output);

        _ = Call("DEL", "", netns: "");
        Assert.Empty(Store.Tags());
        _ = Call("DEL", "", netns: "");
    }

    [Fact]
    public void DEL_and_GC_without_a_directory_succeed()
    {
        _ = Call("DEL", "", dataDir: _folder["absent"]);
        _ = Call("GC", "\"cni.dev/valid-attachments\": []", dataDir: _folder["absent"]);
        _ = Call("STATUS", "");
        Assert.False(Directory.Exists(_folder["absent"]));
    }

    // What no ADD can have used must not keep the plugins before this one from being called.
    [Fact]
    public void DEL_passes_what_it_does_not_need()
    {
        _ = Add();
        FakeHost host = Call("DEL", """ "gate": "odd", "args": 1, "runtimeConfig": [], "prevResult": 3 """, args: "odd");
        Assert.Empty(Store.Tags());
        Assert.DoesNotContain(host.Errors, static line => line.Contains("gate", StringComparison.Ordinal));
    }

    [Fact]
    public void GC_spares_the_attachments_in_use()
    {
        _ = Add();
        _ = Call("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]");
        Assert.Equal([Tag.Text], Store.Tags());
        _ = Call("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth1\"}]");
        Assert.Empty(Store.Tags());
    }

    [Fact]
    public void Repeated_ADD_replaces_the_record()
    {
        _ = Add(args: "K8S_POD_NAME=first");
        _ = Add(args: "K8S_POD_NAME=second");
        Assert.Equal("second", Store.Find(Tag.Text)!.Name);
    }

    [Fact]
    public void Gate_is_the_group_of_the_host_end()
    {
        _ = Add("\"gate\": true");
        Assert.Equal(EndpointGate.LinkGroup, GroupOf("host0"));
        string group = EndpointGate.LinkGroup.ToString(CultureInfo.InvariantCulture);
        string listed = NodeProgram.Run(Node, $"ip -o link show group {group}");
        Assert.Contains("host0", Assert.Single(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        _ = Call("CHECK", $"\"gate\": true, {PrevResult()}");

        NodeClient.SetLink(NodeClient.FindLink("host0")!.Index, new LinkChange { Group = 0 });
        string message = Refused("CHECK", $"\"gate\": true, {PrevResult()}", code: 104);
        Assert.Contains("host0", message, StringComparison.Ordinal);
        Assert.Contains("ip link set dev host0 group 6516329", message, StringComparison.Ordinal);
        _ = Call("CHECK", PrevResult());
    }

    [Fact]
    public void Host_end_of_ours_is_found_by_its_name()
    {
        Assert.True(PodClient.TryDeleteLink(PodClient.FindLink("eth0")!.Index));
        _ = MakeVeth(Tag.HostInterfaceName);
        NodeClient.SetLink(NodeClient.FindLink(Tag.HostInterfaceName)!.Index, new LinkChange { Alias = Tag.Alias([]) });
        _ = Add("\"gate\": true");
        Assert.Equal(Tag.HostInterfaceName, Store.Find(Tag.Text)!.HostInterface);
        Assert.Equal(EndpointGate.LinkGroup, GroupOf(Tag.HostInterfaceName));
    }

    [Fact]
    public void Interface_without_a_host_end_has_a_record_but_no_gate()
    {
        Assert.True(PodClient.TryDeleteLink(PodClient.FindLink("eth0")!.Index));
        PodClient.CreateLink(new BridgeSpec { Name = "eth0" });
        string message = Refused("ADD", $"\"gate\": true, {PrevResult()}", code: 2);
        Assert.Contains("gate", message, StringComparison.Ordinal);
        Assert.Contains("eth0", message, StringComparison.Ordinal);
        Assert.Empty(Store.Tags());

        _ = Add();
        Assert.Null(Store.Find(Tag.Text)!.HostInterface);
    }

    [Fact]
    public void Failing_ADD_leaves_neither_record_nor_gate()
    {
        File.WriteAllText(_folder["file"], "");
        using JsonDocument answer = JsonDocument.Parse(Add("\"gate\": true", expect: 1, dataDir: _folder["file/endpoints"]).Output);
        Assert.Equal(101, answer.RootElement.GetProperty("code").GetInt32());
        Assert.Contains(_folder["file"], answer.RootElement.GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Equal(0u, GroupOf("host0"));
    }

    [Fact]
    public void ADD_without_the_interface_is_refused()
    {
        Assert.True(PodClient.TryDeleteLink(PodClient.FindLink("eth0")!.Index));
        Assert.Contains("eth0", Refused("ADD", PrevResult(), code: 7), StringComparison.Ordinal);
        Assert.Contains("prevResult", Refused("ADD", "", code: 7), StringComparison.Ordinal);
        Assert.Empty(Store.Tags());
    }

    [Fact]
    public void CHECK_names_what_the_record_lacks()
    {
        string path = Store.PathOf(Tag.Text);
        Assert.Contains($"{path} does not exist", Refused("CHECK", PrevResult(), code: 104), StringComparison.Ordinal);
        _ = Add();
        _ = Call("CHECK", PrevResult());

        string message = Refused("CHECK", PrevResult("10.1.2.4/24"), code: 104);
        Assert.Contains("10.1.2.4/24", message, StringComparison.Ordinal);
        string shorter = PrevResult().Replace("{\"address\": \"fd00::3/64\", \"interface\": 1},", "", StringComparison.Ordinal);
        Assert.Contains("fd00::3/64", Refused("CHECK", shorter, code: 104), StringComparison.Ordinal);

        File.WriteAllText(path, "{\"version\": 2}");
        message = Refused("CHECK", PrevResult(), code: 104);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("version", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_directory_does_not_lose_a_record()
    {
        string tag = Tag.Text;
        _ = Add();
        _ = Call("DEL", "", dataDir: _folder["others"]);
        Assert.Equal([tag], Store.Tags());
        _ = Call("DEL", "");
        Assert.Empty(Store.Tags());
    }
}
