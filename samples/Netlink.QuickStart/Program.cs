using System.Net;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;

using RouteClient route = RouteClient.Open();
// One datagram: a pair of interfaces, both switched on, and an address.
route.Execute(new RouteBatch()
    .CreateLink(new VethSpec { Name = "left", Index = 100, Up = true, Peer = new VethPeer { Name = "right", Index = 200 } })
    .SetLink(200, new LinkChange { Up = true })
    .AddAddress(100, new AddressSpec { Address = new IpPrefix(IPAddress.Parse("10.1.0.1"), 24) }));
foreach (Link link in route.ListLinks().OrderBy(link => link.Index))
    Console.WriteLine($"{link.Index}: {link.Name}, {link.Kind ?? "physical"}");

using NftClient nft = NftClient.Open();
NftTable table = new(NftFamily.Inet, "quickstart");
NftChain input = new(table, "input") { Base = new NftBaseChain("filter", NftHook.Input, NftPriority.Filter) };
NftSet blocked = new(table, "blocked", NftDataType.IPv4Address);
// One transaction: all of it or nothing.
nft.Execute(new NftBatch().AddTable(table).AddChain(input).AddSet(blocked)
    .AddElements(blocked, new NftElement(NftValue.Of(IPAddress.Parse("192.0.2.7"))))
    .AddRule(new NftRule(
        input,
        [.. PacketMatch.SourceAddress(table.Family, IpFamily.IPv4), new Lookup(blocked.Name), new Immediate(NftVerdict.Drop)])));
Console.WriteLine($"rules: {nft.ListRules(input).Count}, blocked addresses: {nft.ListElements(blocked).Count}");
