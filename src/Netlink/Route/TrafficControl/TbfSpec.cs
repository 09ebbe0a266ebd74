using Netlink.Wire;

namespace Netlink.Route.TrafficControl;

/// <summary>
/// The qdisc <c>tbf</c> at the root of an interface: packets leave at a rate, above which a bucket of tokens lets bursts go.
/// </summary>
public sealed record TbfSpec : QdiscSpec
{
    /// <summary>Bytes of struct tc_tbf_qopt.</summary>
    internal const int ParametersSize = 36;

    /// <summary>Bytes of struct tc_ratespec.</summary>
    internal const int RateSize = 12;

    /// <summary>Its settings.</summary>
    public required TokenBucket Bucket { get; init; }

    /// <inheritdoc/>
    public override TcHandle Parent => TcHandle.Root;

    internal override string Kind => "tbf";

    internal override bool HasOptions => true;

    // TCA_TBF_PARMS, struct tc_tbf_qopt, linux/pkt_sched.h:
    //   struct tc_ratespec rate
    //     u8  cell_log, linklayer; u16 overhead; s16 cell_align; u16 mpu    0
    //     u32 rate        bytes in a second, the low 32 bits
    //   struct tc_ratespec peakrate    0
    //   u32 limit
    //   u32 buffer
    //   u32 mtu           0
    // TCA_TBF_RATE64 u64, only if it needs more than 32 bits
    internal override void WriteOptions(NetlinkWriter writer)
    {
        int parameters = writer.BeginAttribute(TokenBucketAttribute.Parameters);
        writer.WriteBytes(stackalloc byte[RateSize - sizeof(uint)]);
        writer.WriteUInt32((uint)(Bucket.Rate & uint.MaxValue));
        writer.WriteBytes(stackalloc byte[RateSize]);
        writer.WriteUInt32(Bucket.Limit);
        writer.WriteUInt32(Bucket.Buffer);
        writer.WriteUInt32(0);
        writer.EndNest(parameters);
        if (Bucket.Rate > uint.MaxValue)
            writer.WriteUInt64Attribute(TokenBucketAttribute.Rate64, Bucket.Rate);
    }
}
