using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>
/// One step of a rule. Two expressions are equal if they do the same, so what was meant can be compared with what the kernel has
/// (<see cref="Counter"/> compares its numbers, too).
/// </summary>
public abstract record NftExpression
{
    // enum nft_expr_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_EXPR_NAME = 1;
    private const ushort NFTA_EXPR_DATA = 2;

    /// <summary>The kernel's name of it: <c>payload</c>.</summary>
    public abstract string Name { get; }

    // NFTA_LIST_ELEM of an expression:
    //   NFTA_EXPR_NAME  string
    //   NFTA_EXPR_DATA  nest, each expression's own
    internal void Write(NetlinkWriter writer, ushort type)
    {
        int element = writer.BeginNest(type);
        writer.WriteStringAttribute(NFTA_EXPR_NAME, Name);
        int data = writer.BeginNest(NFTA_EXPR_DATA);
        WriteData(writer);
        writer.EndNest(data);
        writer.EndNest(element);
    }

    /// <summary>Reads an expression; one that is not known here, or looks otherwise than known here, is kept as it is.</summary>
    internal static NftExpression ReadElement(AttributeReader attributes)
    {
        string name = "";
        ReadOnlySpan<byte> data = [];
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_EXPR_NAME:
                    name = attributes.ReadString();
                    break;
                case NFTA_EXPR_DATA:
                    data = attributes.Value;
                    break;
            }
        }
        try
        {
            return ReadData(name, new AttributeReader(data)) ?? new UnknownExpression(name, new NftValue(data));
        }
        catch (WireFormatException)
        {
            return new UnknownExpression(name, new NftValue(data));
        }
    }

    private protected abstract void WriteData(NetlinkWriter writer);

    private static NftExpression? ReadData(string name, AttributeReader data) => name switch
    {
        Bitwise.KernelName => Bitwise.Read(data),
        Byteorder.KernelName => Byteorder.Read(data),
        Cmp.KernelName => Cmp.Read(data),
        Counter.KernelName => Counter.Read(data),
        Ct.KernelName => Ct.Read(data),
        Exthdr.KernelName => Exthdr.Read(data),
        Fib.KernelName => Fib.Read(data),
        Immediate.KernelName => Immediate.Read(data),
        Limit.KernelName => Limit.Read(data),
        Lookup.KernelName => Lookup.Read(data),
        Masquerade.KernelName => Masquerade.Read(data),
        Match.KernelName => Match.Read(data),
        Meta.KernelName => Meta.Read(data),
        Nat.KernelName => Nat.Read(data),
        Payload.KernelName => Payload.Read(data),
        Redirect.KernelName => Redirect.Read(data),
        Reject.KernelName => Reject.Read(data),
        Rt.KernelName => Rt.Read(data),
        _ => null,
    };
}
