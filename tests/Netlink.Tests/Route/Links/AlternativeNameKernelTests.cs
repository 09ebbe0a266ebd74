using Linux;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using TestKit;

namespace Netlink.Tests.Route.Links;

/// <summary>Further names of an interface.</summary>
public sealed class AlternativeNameKernelTests : KernelTest
{
    private const string Long = "a name of more than fifteen bytes";

    public AlternativeNameKernelTests() =>
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Peer = new VethPeer { Name = "b", Index = 200 } });

    [Fact]
    public void They_find_it()
    {
        Client.Execute(new RouteBatch().AddAlternativeNames(100, [Long, "short"]));
        Assert.Equal(100, Client.FindLink(Long)!.Index);
        Assert.Equal([Long, "short"], Client.FindLink("a")!.AlternativeNames);
    }

    [Fact]
    public void They_are_unique()
    {
        Client.Execute(new RouteBatch().AddAlternativeNames(100, [Long]));
        Assert.Equal(Errno.EEXIST, Refusal(new RouteBatch().AddAlternativeNames(200, [Long])));
        Client.Execute(new RouteBatch().AddAlternativeNames(100, [Long], tolerate: Errno.EEXIST));
    }

    [Fact]
    public void They_can_be_taken_again()
    {
        Client.Execute(new RouteBatch().AddAlternativeNames(100, [Long, "short"]));
        Client.Execute(new RouteBatch().DeleteAlternativeNames(100, [Long]));
        Assert.Equal(["short"], Client.FindLink("a")!.AlternativeNames);
        Assert.Equal(Errno.ENOENT, Refusal(new RouteBatch().DeleteAlternativeNames(100, [Long])));
    }

    [Fact]
    public void They_move_along()
    {
        using NetworkNamespace other = NetworkNamespace.Create();
        using RouteClient inside = RouteClient.Open(other);
        Client.Execute(new RouteBatch().AddAlternativeNames(100, [Long]));
        Client.SetLink(100, new LinkChange { TargetNamespace = other, Name = "moved", Alias = "a" });
        Link link = inside.FindLink(Long)!;
        Assert.Equal(("moved", "a"), (link.Name, link.Alias));
        Assert.Null(Client.FindLink(Long));
    }

    private Errno Refusal(RouteBatch batch) => Assert.Throws<NetlinkException>(() => Client.Execute(batch)).Errno;
}
