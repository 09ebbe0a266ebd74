using System.Net;
using Cni;
using Datapath.Endpoints;
using Plugins.Chained.Endpoint;
using TestKit;

namespace Plugins.Tests.Chained.Endpoint;

public sealed class EndpointSettingsTests
{
    private const string Kubernetes =
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u1";

    private const string Nomad =
        "IgnoreUnknown=true;NOMAD_REGION=eu;NOMAD_NAMESPACE=team;NOMAD_JOB_ID=shop/web;NOMAD_GROUP_NAME=front;"
        + "NOMAD_ALLOC_ID=a1b2c3d4-0000-1111-2222-333344445555";

    private static EndpointSettings Read(string members, string args = "") => TestCall.Add(members, EndpointSettings.Read, args);

    private static string[] Labels(EndpointSettings settings) => [.. settings.Labels.Select(static label => $"{label.Key}={label.Value}")];

    [Theory]
    [InlineData("")]
    [InlineData("\"gate\": false, \"dataDir\": \"\", \"args\": {\"cni\": {\"labels\": [], \"ips\": [\"10.1.2.3\"]}}")]
    [InlineData("\"gate\": null, \"dataDir\": null, \"args\": null, \"runtimeConfig\": null")]
    [InlineData(
        "\"runtimeConfig\": {\"aliases\": {\"others\": [\"x\"], \"pods\": []}, \"io.kubernetes.cri.pod-annotations\": {}, "
        + "\"portMappings\": [], \"ips\": 1}, \"ipam\": 7")]
    public void Nothing_said_is_nothing_known(string members)
    {
        EndpointSettings settings = Read(members);
        Assert.Equal(new EndpointIdentity("", "", ""), settings.Identity);
        Assert.Empty(settings.Labels);
        Assert.Empty(settings.Annotations);
        Assert.Empty(settings.Aliases);
        Assert.Empty(settings.Ports);
        Assert.False(settings.Gate);
        Assert.Equal("/run/cniagent/endpoints", settings.DataDir);
    }

    [Fact]
    public void Every_key_is_read_in_any_case()
    {
        EndpointSettings settings = Read("""
            "Gate": true, "DataDir": "/run/x", "Args": {"CNI": {"Labels": [{"Key": "app", "Value": "web"}, {"key": "Tier"}]}},
            "RuntimeConfig": {"Aliases": {"pods": ["www", "w", "www"], "Pods": ["no"]}, "IO.kubernetes.cri.pod-annotations": {"Note": "x"},
            "PortMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "UDP", "HostIP": ""},
            {"hostPort": 53, "containerPort": 5353, "hostIP": "::1"}]}
            """);
        Assert.True(settings.Gate);
        Assert.Equal("/run/x", settings.DataDir);
        Assert.Equal(["Tier=", "app=web"], Labels(settings));
        Assert.Equal(["www", "w"], settings.Aliases);
        Assert.Equal(new KeyValuePair<string, string>("Note", "x"), Assert.Single(settings.Annotations));
        Assert.Equal(
            [new EndpointPort(null, "udp", 8080, 80), new EndpointPort(IPAddress.IPv6Loopback, "tcp", 53, 5353)], settings.Ports);
    }

    [Fact]
    public void Aliases_may_be_a_plain_list() => Assert.Equal(["www"], Read("\"runtimeConfig\": {\"aliases\": [\"www\"]}").Aliases);

    [Theory]
    [InlineData(Kubernetes, "web-0", "shop", "u1")]
    [InlineData("IgnoreUnknown=1;K8S_POD_NAME=database;IP=10.1.2.3", "database", "", "")]
    [InlineData("NERDCTL_CNI_DHCP_HOSTNAME=host", "host", "", "")]
    [InlineData("NERDCTL_CNI_DHCP_HOSTNAME=host;K8S_POD_NAME=pod;K8S_POD_NAMESPACE=", "pod", "", "")]
    [InlineData(Nomad, "shop/web-front-a1b2c3d4", "team", "a1b2c3d4-0000-1111-2222-333344445555")]
    [InlineData("NOMAD_JOB_ID=web;NOMAD_NAMESPACE=team", "web", "team", "")]
    [InlineData("NOMAD_JOB_ID=web;NOMAD_NAMESPACE=team;K8S_POD_NAME=pod;K8S_POD_NAMESPACE=shop", "pod", "shop", "")]
    [InlineData("NOMAD_ALLOC_ID=a1", "a1", "", "a1")]
    [InlineData("", "", "", "")]
    public void Names_come_from_the_runtime(string args, string name, string inNamespace, string uid) =>
        Assert.Equal(new EndpointIdentity(name, inNamespace, uid), Read("", args).Identity);

    // Nomad puts what the job asks for into CNI_ARGS, too: a job must not pass for a pod of another namespace.
    [Theory]
    [InlineData($"K8S_POD_NAMESPACE=bank;K8S_POD_NAME=vault;K8S_POD_UID=u;NERDCTL_CNI_DHCP_HOSTNAME=h;color=blue;{Nomad}")]
    [InlineData($"{Nomad};K8S_POD_NAMESPACE=bank;K8S_POD_NAME=vault;K8S_POD_UID=u;NERDCTL_CNI_DHCP_HOSTNAME=h;NOMAD_COLOR=blue")]
    public void Job_of_Nomad_has_no_say_in_who_it_is(string args)
    {
        EndpointSettings settings = Read("", args);
        Assert.Equal(Read("", Nomad).Identity, settings.Identity);
        Assert.Equal(
            [
                "nomad/alloc_id=a1b2c3d4-0000-1111-2222-333344445555",
                "nomad/group_name=front",
                "nomad/job_id=shop/web",
                "nomad/namespace=team",
                "nomad/region=eu",
            ],
            Labels(settings));
    }

    [Fact]
    public void Labels_of_the_configuration_are_stronger_and_the_last_of_a_key_counts() => Assert.Equal(
        ["app=c", "nomad/job_id=mine", "nomad/region=eu"],
        Labels(Read(
            """
            "args": {"cni": {"labels": [{"key": "app", "value": "b"}, {"key": "nomad/job_id", "value": "mine"},
            {"key": "app", "value": "c"}]}}
            """,
            "NOMAD_JOB_ID=web;NOMAD_REGION=eu")));

    [Theory]
    [InlineData("\"gate\": \"true\"", 6, "gate", "true")]
    [InlineData("\"gate\": 1", 6, "gate", "1")]
    [InlineData("\"dataDir\": \"relative\"", 7, "dataDir", "/run/cniagent/endpoints")]
    [InlineData("\"dataDir\": [\"/a\"]", 6, "dataDir", "string")]
    [InlineData("\"args\": {\"cni\": {\"labels\": {\"app\": \"web\"}}}", 6, "args.cni.labels", "a list")]
    [InlineData("\"args\": {\"cni\": {\"labels\": [\"app\"]}}", 6, "args.cni.labels[0]", "an object")]
    [InlineData("\"args\": {\"cni\": {\"labels\": [{\"value\": \"web\"}]}}", 7, "args.cni.labels[0]", "key")]
    [InlineData("\"args\": {\"cni\": {\"labels\": [{\"key\": \"app\", \"value\": 1}]}}", 6, "args.cni.labels[0].value", "1")]
    [InlineData("\"runtimeConfig\": {\"aliases\": \"www\"}", 6, "runtimeConfig.aliases", "www")]
    [InlineData("\"runtimeConfig\": {\"aliases\": [\"\"]}", 7, "runtimeConfig.aliases[0]", "a name")]
    [InlineData("\"runtimeConfig\": {\"aliases\": {\"pods\": \"www\"}}", 6, "runtimeConfig.aliases.pods", "a list")]
    [InlineData("\"runtimeConfig\": {\"io.kubernetes.cri.pod-annotations\": {\"note\": {}}}", 6, "note", "a string")]
    [InlineData("\"runtimeConfig\": {\"portMappings\": [{\"hostPort\": 0}]}", 7, "runtimeConfig.portMappings[0].hostPort", "0")]
    [InlineData(
        "\"runtimeConfig\": {\"portMappings\": [{\"hostPort\": 1, \"containerPort\": 1, \"protocol\": \"x\"}]}", 7, "protocol", "\"x\"")]
    public void What_cannot_be_used_is_refused(string members, uint code, string word, string other) =>
        TestCall.AssertFails((CniErrorCode)code, [word, other], () => Read(members));

    [Fact]
    public void Malformed_CNI_ARGS_are_refused() =>
        TestCall.AssertFails(CniErrorCode.InvalidEnvironment, ["CNI_ARGS", "odd"], () => Read("", "K8S_POD_NAME=a;odd"));
}
