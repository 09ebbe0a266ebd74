using System.Globalization;
using Cni;
using Datapath.Attachments;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Plugins.Chained.Portmap;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary>As many ports as runtimes publish, and processes that may not send so much at once.</summary>
public sealed class PortmapSizeKernelTests : PortmapKernelTest
{
    [Fact]
    public void Hundred_pods_have_the_chains_and_rules_of_one()
    {
        Succeed("ADD", Mapped($"{Web}, {Dns}"));
        int[] one = Count();
        for (int pod = 2; pod <= 100; pod++)
        {
            string number = pod.ToString(CultureInfo.InvariantCulture);
            Succeed(
                "ADD",
                Mapped(
                    $$"""{"hostPort": {{8000 + pod}}, "containerPort": 80}""",
                    addresses: $"\"10.1.2.{100 + pod}/24\", \"fd00:1::1{number}/64\"")
                    .Replace("8080", number, StringComparison.Ordinal),
                containerId: $"d{number}");
        }
        Assert.Equal(one, Count());
        Assert.Equal(
            2 * 100,
            PortRuleset.ListPortMaps(Nft)
                .FindAll(static map => !map.Name.StartsWith("host", StringComparison.Ordinal))
                .Sum(map => Nft.ListElements(map).Count));

        int[] Count()
        {
            NftTable table = new(NftFamily.Inet, "cniplugin");
            return [Nft.ListChains(table).Count, Nft.ListRules(table).Count, Nft.ListSets(table).Count];
        }
    }

    [Fact]
    public void Thousands_of_ports_are_published_checked_taken_over_and_removed()
    {
        string mappings = string.Join(
            ", ",
            Enumerable.Range(20_000, 5_000)
                .Select(static port => $$"""{"hostPort": {{port}}, "containerPort": {{port}}, "protocol": "udp"}"""));
        AddAndDie(Mapped(mappings));
        Succeed("CHECK", Mapped(mappings));
        Succeed("ADD", Mapped(mappings, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Succeed("CHECK", Mapped(mappings, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Succeed("DEL", Mapped(mappings));
        Succeed("CHECK", Mapped(mappings, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Succeed("DEL", Mapped(mappings, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Assert.Empty(Elements());
    }

    [Fact]
    public void Callers_at_once_all_get_their_ports()
    {
        string?[] failures = new string?[32];
        Parallel.For(0, failures.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            string members = Mapped(
                $$"""{"hostPort": {{7000 + i}}, "containerPort": 80, "protocol": "udp"}""",
                addresses: $"\"10.{i}.0.5/24\", \"fd00:{i}::5/64\"");
            foreach (string verb in (string[])["ADD", "CHECK", "DEL"])
            {
                failures[i] ??= Run(verb, members, $"p{i}").Outputs.Find(
                    static output => output.Contains("\"code\"", StringComparison.Ordinal));
            }
        });
        Assert.All(failures, Assert.Null);
        Assert.Empty(Elements());
    }

    [Theory]
    [InlineData("\"10.1.2.5/24\"", "tcp")]
    [InlineData("\"fd00:1::5/64\"", "udp")]
    [InlineData("\"10.1.2.5/24\", \"fd00:1::5/64\"", "tcp", "udp")]
    [InlineData("\"10.1.2.5/24\", \"fd00:1::5/64\"", "tcp", "udp", "sctp")]
    public void Ports_are_published_checked_and_taken_back_however_many_there_are(string addresses, params string[] protocols) =>
        BatchSizes.ForAll(count =>
    {
        string config = Mapped(Mappings(count, protocols), addresses: addresses);
        int families = addresses.Split(',').Length;
        Succeed("ADD", config);
        Assert.Equal(families * ((count * protocols.Length) + 1), Count());
        Succeed("CHECK", config);
        // They are nobody else's.
        Fail("CHECK", config, CniErrorCode.CheckFailed, ["has no element"], containerId: "c2");
        Succeed("DEL", config, containerId: "c2");
        Assert.Equal(families * ((count * protocols.Length) + 1), Count());
        // An ADD that was killed and is repeated.
        Succeed("ADD", config);
        Succeed("DEL", config);
        Assert.Equal(0, Count());
    });

    [Fact]
    public void Stale_ports_are_collected_however_many_there_are() => BatchSizes.ForAll(count =>
    {
        Succeed("ADD", Mapped(Mappings(count, "tcp", "udp")));
        Succeed("GC", "\"cni.dev/valid-attachments\": []");
        Assert.Equal(0, Count());
    });

    [Fact]
    public void Ports_come_in_several_steps_where_one_datagram_would_be_too_large_and_their_sign_comes_first() => InAdd(undo =>
    {
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Node, largest: 8192);
        using NftClient limited = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        // What all share is larger than that.
        _ = Publish(Nft, "c0", first: 10_000, count: 1, undo);
        transport.BeforeSend = () =>
        {
            if (Count() is var there and > 3)
                Assert.NotNull(Nft.FindElement(PortRuleset.Published(IpFamily.IPv4), NftValue.Of(Address.Address)));
        };
        Assert.Equal(600, Publish(limited, "c1", first: 20_000, count: 300, undo).Count);
        Assert.Equal(600, Nft.ListElements(PortRuleset.PortMap(IpFamily.IPv4, null)).Count(static element => Tag.IsIn(element.Comment)));

        // The same again, as after an ADD that was killed: what the first steps have added is not taken for what is left of that one.
        Assert.Equal(600, Publish(limited, "c1", first: 20_000, count: 300, undo).Count);
        Assert.Equal(600, Nft.ListElements(PortRuleset.PortMap(IpFamily.IPv4, null)).Count(static element => Tag.IsIn(element.Comment)));
    });

    [Fact]
    public void Steps_that_were_done_are_taken_back_when_a_later_one_meets_another_live_pods_port()
    {
        MakeAlive("c0");
        using LimitedTransport transport = new(NetlinkProtocol.Netfilter, Node, largest: 8192);
        using NftClient limited = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Netfilter));
        InAdd(undo => _ = Publish(Nft, "c0", first: 20_299, count: 1, undo));
        int before = Count();
        CniException refusal = Assert.Throws<CniException>(() => InAdd(undo =>
        {
            try
            {
                _ = Publish(limited, "c1", first: 20_000, count: 300, undo);
            }
            catch (CniException)
            {
                Assert.True(Count() > before);
                throw;
            }
        }));
        Assert.Equal(CniErrorCode.AlreadyExists, refusal.Code);
        Assert.Equal(before, Count());
    }

    private static IpPrefix Address => TestCall.Prefix("10.1.2.6/24");

    private List<PublishedPort> Publish(NftClient nft, string containerId, int first, int count, UndoStack undo) =>
        InCall("ADD", Mapped(Mappings(count, first, "tcp", "udp")), call =>
        {
            IpPrefix address = containerId == "c0" ? TestCall.Prefix("10.1.2.5/24") : Address;
            return new PublishedPorts(new AttachmentTag("pods", containerId, "eth0")).Add(nft, PortmapSettings.Read(call), [address], undo);
        });

    private int Count() => Nft.ListSets(NodeRuleset.TableOf(NftFamily.Inet)).Sum(set => Nft.ListElements(set).Count);

    private static string Mappings(int count, params string[] protocols) => Mappings(count, 1000, protocols);

    private static string Mappings(int count, int first, params string[] protocols) => string.Join(", ",
        from port in Enumerable.Range(first, count)
        from protocol in protocols
        select string.Create(
            CultureInfo.InvariantCulture, $$"""{"hostPort": {{port}}, "containerPort": {{port}}, "protocol": "{{protocol}}"}"""));
}
