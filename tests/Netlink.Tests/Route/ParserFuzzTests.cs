using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;
using Netlink.Wire;

namespace Netlink.Tests.Route;

/// <summary>Whatever bytes arrive, a parser answers or throws WireFormatException: it never reads outside of them.</summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly (ushort Type, NetlinkSocket.AnswerParser<object> Parse)[] Parsers =
    [
        (RouteMessageType.NewLink, ParseLink),
        (RouteMessageType.NewLink, BridgeVlanMessage.Parse),
        (RouteMessageType.NewAddress, AddressMessage.Parse),
        (RouteMessageType.NewRoute, RouteParser.Parse),
        (RouteMessageType.NewNeighbour, NeighbourMessage.Parse),
        (RouteMessageType.NewRule, RuleMessage.Parse),
        (RouteMessageType.NewQdisc, QdiscMessage.Parse),
        (RouteMessageType.NewFilter, FilterMessage.Parse),
    ];

    [Fact]
    public void Random_bytes_are_parsed_or_refused()
    {
        Random random = new(1);
        byte[] bytes = new byte[256];
        int parsed = 0, refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            int length = random.Next(bytes.Length);
            random.NextBytes(bytes);
            Parse(i, bytes.AsSpan(0, length), ref parsed, ref refused);
        }
        Assert.True(refused > 0);
    }

    [Fact]
    public void Well_framed_attributes_with_random_content_are_parsed_or_refused()
    {
        Random random = new(2);
        byte[] bytes = new byte[256];
        int parsed = 0, refused = 0;
        for (int i = 0; i < Rounds; i++)
        {
            random.NextBytes(bytes);
            // A family that the parsers look at, and attributes of lengths that fit.
            bytes[0] = random.Next(2) == 0 ? (byte)IpFamily.IPv4 : (byte)IpFamily.IPv6;
            int[] headers = [LinkMessage.HeaderSize, LinkMessage.HeaderSize, 8, RouteMessage.HeaderSize, 12, 12, 20, 20];
            int at = headers[i % Parsers.Length];
            while (at < 200)
            {
                int length = random.Next(4) == 0 ? random.Next(4, 40) : random.Next(2) == 0 ? 8 : 20;
                MemoryMarshal.Write(bytes.AsSpan(at), (ushort)length);
                MemoryMarshal.Write(bytes.AsSpan(at + 2), (ushort)random.Next(64));
                at += NetlinkWriter.Align(length);
            }
            Parse(i, bytes.AsSpan(0, at), ref parsed, ref refused);
        }
        Assert.True(parsed > 0 && refused > 0);
    }

    [Fact]
    public void A_real_message_is_parsed_or_refused_at_every_length()
    {
        RouteBatch batch = new();
        batch.AddRoute(new RouteSpec
        {
            Destination = new(System.Net.IPAddress.Parse("192.0.2.0"), 24),
            Mtu = 1300,
            Multipath = [new NextHop { Gateway = System.Net.IPAddress.Parse("fd00::1"), OutputIndex = 3 }],
        });
        byte[] payload = batch.Requests.Buffer.Written[NetlinkWriter.MessageHeaderSize..].ToArray();
        Assert.NotNull(RouteParser.Parse(RouteMessageType.NewRoute, payload));
        int parsed = 0, refused = 0;
        for (int length = 0; length < payload.Length; length++)
            Parse(3, payload.AsSpan(0, length), ref parsed, ref refused);
        Assert.True(parsed > 0 && refused > 0);
    }

    /// <summary>A link, and what each kind reads of it.</summary>
    private static Link? ParseLink(ushort type, ReadOnlySpan<byte> payload)
    {
        if (LinkParser.Parse(type, payload) is not { } link)
            return null;
        foreach (string kind in new[] { BridgeLink.Kind, MacvlanLink.Kind, IpvlanLink.Kind, VlanLink.Kind, VrfLink.Kind, TunLink.Kind })
        {
            // What stands behind the header, taken for the attributes of the kind.
            Link ofKind = link with { Kind = kind, PortKind = kind, Data = new AttributeBlock(payload[LinkMessage.HeaderSize..]) };
            ofKind = ofKind with { PortData = ofKind.Data };
            _ = (ofKind.Bridge, ofKind.Port, ofKind.Macvlan, ofKind.Ipvlan, ofKind.VlanId, ofKind.VrfTable, ofKind.Tun);
        }
        return link;
    }

    private static void Parse(int parser, ReadOnlySpan<byte> payload, ref int parsed, ref int refused)
    {
        (ushort type, NetlinkSocket.AnswerParser<object> parse) = Parsers[parser % Parsers.Length];
        try
        {
            _ = parse(type, payload);
            parsed++;
        }
        catch (WireFormatException)
        {
            refused++;
        }
    }
}
