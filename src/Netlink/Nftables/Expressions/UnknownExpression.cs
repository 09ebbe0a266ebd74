using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>An expression that is only carried, such as <c>target</c> of iptables-nft.</summary>
public sealed record UnknownExpression : NftExpression
{
    /// <summary>Keeps the content of NFTA_EXPR_DATA.</summary>
    public UnknownExpression(string name, NftValue data) => (Name, Data) = (name, data);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The attributes inside NFTA_EXPR_DATA.</summary>
    public NftValue Data { get; }

    private protected override void WriteData(NetlinkWriter writer) => writer.WriteBytes(Data.Bytes);
}
