using System.Net;
using System.Text;
using Cni;
using Datapath.Endpoints;
using TestKit;

namespace Datapath.Tests.Endpoints;

public sealed class EndpointRecordTests
{
    // The form is a promise to agents of other versions: docs/endpoint.md shows it.
    private const string Text = """
        {
            "version": 1,
            "network": "pods",
            "containerID": "c1",
            "ifname": "eth0",
            "netns": "/run/netns/a",
            "hostInterface": "veth0123",
            "addresses": [
                "10.1.2.3/24",
                "fd00::3/64"
            ],
            "name": "web",
            "namespace": "shop",
            "uid": "u1",
            "labels": {
                "a/b": "",
                "app": "web"
            },
            "annotations": {
                "note": "line\n\u0027\u00E4\u0027"
            },
            "aliases": [
                "www",
                "w"
            ],
            "ports": [
                {
                    "hostIP": "127.0.0.1",
                    "protocol": "tcp",
                    "hostPort": 8080,
                    "containerPort": 80
                },
                {
                    "protocol": "sctp",
                    "hostPort": 1,
                    "containerPort": 65535
                }
            ],
            "created": "2026-11-28T01:02:03.004Z"
        }
        """;

    private static readonly EndpointRecord s_full = new()
    {
        Network = "pods",
        ContainerId = "c1",
        IfName = "eth0",
        NetNS = "/run/netns/a",
        HostInterface = "veth0123",
        Addresses = [TestCall.Prefix("10.1.2.3/24"), TestCall.Prefix("fd00::3/64")],
        Name = "web",
        Namespace = "shop",
        Uid = "u1",
        Labels = new SortedDictionary<string, string> { ["app"] = "web", ["a/b"] = "" },
        Annotations = new SortedDictionary<string, string> { ["note"] = "line\n'ä'" },
        Aliases = ["www", "w"],
        Ports = [new(IPAddress.Loopback, "tcp", 8080, 80), new(null, "sctp", 1, 65535)],
        CreatedAt = new DateTimeOffset(2026, 11, 28, 2, 2, 3, 4, TimeSpan.FromHours(1)),
    };

    private static EndpointRecord Parse(string text) => EndpointRecord.Parse(Encoding.UTF8.GetBytes(text), "record");

    private static string Write(EndpointRecord record) => Encoding.UTF8.GetString(record.Write());

    [Fact]
    public void Form_is_the_documented_one() => Assert.Equal(Text, Write(s_full));

    [Fact]
    public void What_was_written_is_read()
    {
        EndpointRecord read = Parse(Text);
        Assert.Equal(Text, Write(read));
        Assert.Equal(s_full.CreatedAt, read.CreatedAt);
        Assert.Equal(NodeKernelTest.Tag.Text, read.Tag);
    }

    [Fact]
    public void Record_of_a_pod_of_which_nothing_is_known_has_its_lists_and_maps()
    {
        EndpointRecord bare = Parse(Write(new EndpointRecord { Network = "pods", ContainerId = "c1", IfName = "eth0" }));
        Assert.Equal(("", "", "", null), (bare.Name, bare.Namespace, bare.Uid, bare.HostInterface));
        Assert.Empty(bare.Addresses);
        Assert.Empty(bare.Aliases);
        Assert.Empty(bare.Ports);
        Assert.Empty(bare.Labels);
        Assert.Empty(bare.Annotations);
        Assert.DoesNotContain("\"name\"", Write(bare), StringComparison.Ordinal);
        Assert.Contains("\"labels\": {}", Write(bare), StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_a_newer_plugin_adds_are_passed() =>
        Assert.Equal(Text, Write(Parse(Text.Replace("\"netns\"", "\"new\": [{}], \"netns\"", StringComparison.Ordinal))));

    [Fact]
    public void Keys_of_labels_keep_their_case() =>
        Assert.Equal(
            ["App", "app"],
            Parse(Text.Replace("\"a/b\"", "\"App\"", StringComparison.Ordinal)).Labels.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "version", "2")]
    [InlineData("\"version\": 1,", "", "version", "version")]
    [InlineData("\"network\": \"pods\",", "", "network", "network")]
    [InlineData("\"containerID\": \"c1\",", "", "containerID", "containerID")]
    [InlineData("\"ifname\": \"eth0\",", "", "ifname", "ifname")]
    [InlineData("10.1.2.3/24", "10.1.2.3", "addresses[0]", "10.1.2.3")]
    [InlineData("\"hostPort\": 8080", "\"hostPort\": 0", "ports[0].hostPort", "0")]
    [InlineData("2026-11-28T", "2026-11-28 ", "created", "2026-11-28 ")]
    [InlineData("\"app\": \"web\"", "\"app\": 1", "labels.app", "1")]
    [InlineData("\"version\": 1", "\"version\"", "record", "line")]
    public void What_is_no_record_is_refused_with_its_place(string good, string bad, string place, string value)
    {
        CniException error = Assert.Throws<CniException>(() => Parse(Text.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Contains("record", error.Message, StringComparison.Ordinal);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }
}
