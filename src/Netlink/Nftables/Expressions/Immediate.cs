using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Loads a constant into a register, or gives a verdict.</summary>
public sealed record Immediate : NftExpression
{
    internal const string KernelName = "immediate";

    // enum nft_immediate_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_IMMEDIATE_DREG = 1;
    private const ushort NFTA_IMMEDIATE_DATA = 2;

    /// <summary>Gives a verdict.</summary>
    public Immediate(NftVerdict verdict) => Verdict = verdict;

    /// <summary>Loads a value into a register.</summary>
    public Immediate(NftValue value, NftRegister register = NftRegister.First) => (Value, Register) = (value, register);

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the value goes; the register of verdicts for a verdict.</summary>
    public NftRegister Register { get; }

    /// <summary>The value, unless it is a verdict.</summary>
    public NftValue Value { get; }

    /// <summary>The verdict, unless it is a value.</summary>
    public NftVerdict? Verdict { get; }

    //   NFTA_IMMEDIATE_DREG  be32
    //   NFTA_IMMEDIATE_DATA  NFTA_DATA_VALUE or NFTA_DATA_VERDICT
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_IMMEDIATE_DREG, (uint)Register);
        if (Verdict is { } verdict)
            NftData.Write(writer, NFTA_IMMEDIATE_DATA, verdict);
        else
            NftData.Write(writer, NFTA_IMMEDIATE_DATA, Value);
    }

    internal static Immediate Read(AttributeReader attributes)
    {
        NftRegister register = default;
        NftVerdict? verdict = null;
        NftValue value = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_IMMEDIATE_DREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_IMMEDIATE_DATA:
                    verdict = NftData.ReadVerdict(attributes.ReadNest());
                    value = NftData.ReadValue(attributes.ReadNest());
                    break;
            }
        }
        return verdict is { } known ? new Immediate(known) : new Immediate(value, register);
    }
}
