using System.Net;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Tests.Route.Links;

/// <summary>
/// A kind is one file and this test of it. Recorded with strace from iproute2-6.1.0; the requests need no kernel that has it.
/// </summary>
public sealed class GeneveTests
{
    // ip link add gnv0 type geneve id 42 remote 10.0.0.2 dstport 6081
    private const string IPv4 =
        """
        70000000                                    # nlmsg_len 112
        1000                                        # nlmsg_type RTM_NEWLINK
        0506                                        # nlmsg_flags 0x605
        140c0a6b                                    # nlmsg_seq
        00000000                                    # nlmsg_pid
          00                                        # ifi_family 0
          00                                        # pad
          0000                                      # ifi_type 0
          00000000                                  # ifi_index 0
          00000000                                  # ifi_flags 0
          00000000                                  # ifi_change 0
          09000300676e763000                        # nla_len 9, IFLA_IFNAME "gnv0"
          000000                                    # padding
          44001200                                  # nla_len 68, IFLA_LINKINFO
            0a00010067656e657665                    # nla_len 10, IFLA_INFO_KIND "geneve"
            0000                                    # padding
            34000200                                # nla_len 52, IFLA_INFO_DATA
              080001002a000000                      # nla_len 8, IFLA_GENEVE_ID 42
              080002000a000002                      # nla_len 8, IFLA_GENEVE_REMOTE
              08000b0000000000                      # nla_len 8, IFLA_GENEVE_LABEL
              0500030000                            # nla_len 5, IFLA_GENEVE_TTL 0
              000000                                # padding
              0500040000                            # nla_len 5, IFLA_GENEVE_TOS 0
              000000                                # padding
              0600050017c1                          # nla_len 6, IFLA_GENEVE_PORT 6081
              0000                                  # padding
        """;

    // ip link add gnv6 type geneve id 43 remote fd00::2
    private const string IPv6 =
        """
        74000000                                    # nlmsg_len 116
        1000                                        # nlmsg_type RTM_NEWLINK
        0506                                        # nlmsg_flags 0x605
        140c0a6b                                    # nlmsg_seq
        00000000                                    # nlmsg_pid
          00                                        # ifi_family 0
          00                                        # pad
          0000                                      # ifi_type 0
          00000000                                  # ifi_index 0
          00000000                                  # ifi_flags 0
          00000000                                  # ifi_change 0
          09000300676e763600                        # nla_len 9, IFLA_IFNAME "gnv6"
          000000                                    # padding
          48001200                                  # nla_len 72, IFLA_LINKINFO
            0a00010067656e657665                    # nla_len 10, IFLA_INFO_KIND "geneve"
            0000                                    # padding
            38000200                                # nla_len 56, IFLA_INFO_DATA
              080001002b000000                      # nla_len 8, IFLA_GENEVE_ID 43
              14000700fd000000000000000000000000000002 # nla_len 20, IFLA_GENEVE_REMOTE6
              08000b0000000000                      # nla_len 8, IFLA_GENEVE_LABEL
              0500030000                            # nla_len 5, IFLA_GENEVE_TTL 0
              000000                                # padding
              0500040000                            # nla_len 5, IFLA_GENEVE_TOS 0
              000000                                # padding
        """;

    public static TheoryData<string, string, int, string, int> Tunnels() => new()
    {
        { IPv4, "gnv0", 42, "10.0.0.2", 6081 },
        { IPv6, "gnv6", 43, "fd00::2", 0 },
    };

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void We_send_what_ip_sends(string recorded, string name, int id, string remote, int port)
    {
        RouteBatch batch = new();
        batch.CreateLink(new GeneveSpec
        {
            Name = name,
            Id = id,
            Remote = IPAddress.Parse(remote),
            Port = port == 0 ? null : (ushort)port,
        });
        Assert.Equal(GoldenFile.Describe(Hex.Parse(recorded)), GoldenFile.Describe(batch.Requests.Buffer.Written));
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void What_a_tunnel_says_is_read(string recorded, string name, int id, string remote, int port)
    {
        // The kernel tells of a tunnel by the attributes that it takes.
        Link link = GoldenFile.Parse(Hex.Parse(recorded), LinkParser.Parse)[0];
        Assert.Equal((name, "geneve"), (link.Name, link.Kind));
        Assert.Equal(new GeneveState { Id = id, Remote = IPAddress.Parse(remote), Port = (ushort)port }, link.Geneve);
        Assert.Null((link with { Kind = "vxlan" }).Geneve);
    }

    [Fact]
    public void What_is_cut_is_refused()
    {
        Link link = GoldenFile.Parse(Hex.Parse(IPv4), LinkParser.Parse)[0];
        Assert.Throws<WireFormatException>(() => (link with { Data = new AttributeBlock(link.Data.Bytes[..6]) }).Geneve);
    }
}
