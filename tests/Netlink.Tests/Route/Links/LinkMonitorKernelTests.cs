using System.Diagnostics;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using TestKit;

namespace Netlink.Tests.Route.Links;

public sealed class LinkMonitorKernelTests : KernelTest
{
    private const int Near = 100;
    private const int Far = 200;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public LinkMonitorKernelTests() => Client.CreateLink(
        new VethSpec { Name = "a", Index = Near, Up = true, Peer = new VethPeer { Name = "b", Index = Far } });

    [Fact]
    public void A_link_that_is_ready_already_is_not_waited_for()
    {
        Client.SetLink(Far, new LinkChange { Up = true });
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        Assert.True(monitor.WaitForLink(Near, link => link.OperationalState == OperationalState.Up, Long));
        Assert.True(monitor.WaitForLink(Near, link => link.OperationalState == OperationalState.Up, TimeSpan.Zero));
    }

    [Fact]
    public void A_link_that_becomes_ready_ends_the_wait()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        bool looked = false;
        Assert.True(monitor.WaitForLink(
            Near,
            link =>
            {
                // The first look finds it down; only a notification makes the monitor look again.
                if (!looked)
                    Client.SetLink(Far, new LinkChange { Up = true });
                bool up = looked && link.OperationalState == OperationalState.Up;
                looked = true;
                return up;
            },
            Long));
    }

    [Fact]
    public void A_link_that_does_not_become_ready_ends_the_wait_in_time()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        long start = Stopwatch.GetTimestamp();
        Assert.False(monitor.WaitForLink(Near, link => link.OperationalState == OperationalState.Up, TimeSpan.FromMilliseconds(200)));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 150, 10_000);
    }

    [Fact]
    public void A_link_that_goes_ends_the_wait()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        Assert.False(monitor.WaitForLink(
            Near,
            link =>
            {
                _ = Client.TryDeleteLink(link.Index);
                return false;
            },
            Long));
        Assert.False(monitor.WaitForLink(4711, _ => true, Long));
    }

    [Fact]
    public void Addresses_are_waited_for_until_duplicate_detection_has_ended()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        Client.Execute(new RouteBatch()
            .SetLink(Far, new LinkChange { Up = true })
            .AddAddress(Near, new AddressSpec { Address = Prefix("fd00::1/64") }));
        Assert.Contains(Client.ListAddresses(Near, IpFamily.IPv6), address => address.IsTentative);
        List<InterfaceAddress> addresses = monitor.WaitForAddresses(Near, Long);
        Assert.Contains(addresses, address => address.Address == Prefix("fd00::1/64"));
        Assert.All(addresses, address => Assert.False(address.IsTentative || address.IsDuplicate));
    }

    [Fact]
    public void A_duplicate_address_is_reported()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        Client.Execute(new RouteBatch()
            .SetLink(Far, new LinkChange { Up = true })
            .AddAddress(Far, new AddressSpec { Address = Prefix("fd00::1/64"), NoDad = true })
            .AddAddress(Near, new AddressSpec { Address = Prefix("fd00::1/64") }));
        List<InterfaceAddress> addresses = monitor.WaitForAddresses(Near, Long);
        Assert.True(addresses.Single(address => address.Address == Prefix("fd00::1/64")).IsDuplicate);
    }

    [Fact]
    public void Addresses_that_stay_tentative_end_the_wait_in_time()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        // Without a carrier duplicate address detection does not begin.
        Client.AddAddress(Near, new AddressSpec { Address = Prefix("fd00::1/64") });
        Assert.Contains(monitor.WaitForAddresses(Near, TimeSpan.FromMilliseconds(100)), address => address.IsTentative);
    }

    [Fact]
    public void Notifications_that_got_lost_do_not_lose_the_state()
    {
        using LinkMonitor monitor = LinkMonitor.Open(Namespace);
        bool looked = false;
        Assert.True(monitor.WaitForLink(
            Near,
            link =>
            {
                if (!looked)
                {
                    // More than the receive buffer holds (ENOBUFS).
                    for (int i = 0; i < 2000; i++)
                        Client.SetLink(Far, new LinkChange { Mtu = 1400 + (i % 2) });
                    Client.SetLink(Far, new LinkChange { Up = true });
                }
                looked = true;
                return link.OperationalState == OperationalState.Up;
            },
            Long));
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
