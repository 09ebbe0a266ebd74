using Netlink.Route.Links;
using Netlink.Wire;
using TestKit;

namespace Netlink.Tests.Route.Links;

/// <summary>A kind that the library does not have, added by its user with what is public.</summary>
public sealed class OwnKindKernelTests : KernelTest
{
    [Fact]
    public void A_kind_of_the_user_is_made_and_read()
    {
        Client.CreateLink(new TunnelSpec { Name = "t0", Index = 700, NetworkId = 4242, Up = true });
        Link link = Client.FindLink("t0")!;
        Assert.Equal((700, "vxlan", true, 4242), (link.Index, link.Kind, link.IsUp, link.NetworkIdOfTunnel));
        NetlinkException refusal = Assert.Throws<NetlinkException>(
            () => Client.CreateLink(new TunnelSpec { Name = "t0", NetworkId = 1 }));
        Assert.Equal("create vxlan t0", refusal.Operation);
    }

    /// <summary>One that this kernel has, written anew.</summary>
    private sealed record TunnelSpec : LinkSpec
    {
        public required uint NetworkId { get; init; }

        public override string Kind => "vxlan";

        protected internal override void WriteData(NetlinkWriter writer) => writer.WriteUInt32Attribute(1, NetworkId);
    }
}

internal static class TunnelLink
{
    extension(Link link)
    {
        public int? NetworkIdOfTunnel
        {
            get
            {
                AttributeReader attributes = link.Data.Read();
                while (attributes.MoveNext())
                {
                    if (attributes.Type == 1)
                        return attributes.ReadInt32();
                }
                return null;
            }
        }
    }
}
