using Netlink.Route.Links;
using Netlink.Route.TrafficControl;
using Plugins.Chained.Bandwidth;

namespace Plugins.Tests.Chained.Bandwidth;

public sealed class RedirectFilterTests
{
    private const int Ifb = 300;

    [Fact]
    public void The_last_priority_is_taken_unless_filters_of_another_kind_have_it()
    {
        Assert.Equal(65535, RedirectFilter.LastPriority([]));
        Assert.Equal(65535, RedirectFilter.LastPriority([Filter("bpf", 1), Filter("u32", 65535)]));
        Assert.Equal(65534, RedirectFilter.LastPriority([Filter("bpf", 65535)]));
        Assert.Equal(65533, RedirectFilter.LastPriority([Filter("u32", 65535, protocol: 0x0800), Filter("flower", 65534)]));
    }

    [Fact]
    public void Ours_lead_to_an_interface_of_ours_or_to_none()
    {
        Link[] ifbs = [new() { Index = Ifb, Name = "ifb" }];
        Assert.True(RedirectFilter.IsOurs(Filter("u32", 9, target: Ifb), ifbs));
        Assert.True(RedirectFilter.IsOurs(Filter("u32", 9, target: 0), []));
        Assert.False(RedirectFilter.IsOurs(Filter("u32", 9, target: Ifb), []));
        Assert.False(RedirectFilter.IsOurs(Filter("u32", 9, target: Ifb + 1), ifbs));
        Assert.False(RedirectFilter.IsOurs(Filter("bpf", 9, target: Ifb), ifbs));
        Assert.False(RedirectFilter.IsOurs(Filter("u32", 9), ifbs));
    }

    private static Filter Filter(string kind, ushort priority, ushort protocol = 3, int? target = null) => new()
    {
        LinkIndex = 1,
        Parent = TcHandle.IngressFilters,
        Handle = 1,
        Priority = priority,
        Protocol = protocol,
        Kind = kind,
        Actions = [new FilterAction { Kind = "mirred", Verdict = 4, RedirectTarget = target }],
    };
}
