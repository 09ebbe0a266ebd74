using Cni;
using Linux.Kernel;

namespace Plugins.Chained.Bandwidth;

/// <summary>A <c>bandwidth</c> configuration that has been found good.</summary>
internal sealed record BandwidthSettings
{
    private const int BitsPerByte = 8;

    /// <summary>Of what the pod receives; null leaves it alone.</summary>
    public required RateLimit? Ingress { get; init; }

    /// <summary>Of what the pod sends; null leaves it alone.</summary>
    public required RateLimit? Egress { get; init; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Ingress is null && Egress is null;

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static BandwidthSettings Read(CniInvocation call)
    {
        BandwidthConfig config = BandwidthConfig.Read(call.Config());
        return new BandwidthSettings
        {
            Ingress = Limit($"{config.Path}ingress", config.IngressRate, config.IngressBurst),
            Egress = Limit($"{config.Path}egress", config.EgressRate, config.EgressBurst),
        };
    }

    /// <param name="key">The two keys without <c>Rate</c> and <c>Burst</c>.</param>
    /// <param name="rate">Bits in a second.</param>
    /// <param name="burst">Bits.</param>
    private static RateLimit? Limit(string key, ulong rate, ulong burst)
    {
        if (rate == 0 && burst == 0)
            return null;
        if (rate == 0 || burst == 0)
        {
            string missing = rate == 0 ? "Rate" : "Burst";
            throw CniException.InvalidConfig($"{key}Rate is {rate} and {key}Burst is {burst}: set {key}{missing}, too, or neither of them");
        }
        if (rate < BitsPerByte)
            throw CniException.InvalidConfig($"{key}Rate is {rate} bit/s; the least is {BitsPerByte}, one byte in a second");
        // What tc's structures hold the bytes of a burst in.
        if (burst / BitsPerByte >= uint.MaxValue)
        {
            throw CniException.InvalidConfig(
                $"{key}Burst is {burst} bits; it must be less than {(ulong)uint.MaxValue * BitsPerByte}, which is 4 GiB");
        }
        RateLimit limit = new(rate / BitsPerByte, (uint)(burst / BitsPerByte), PacketSchedulerClock.ReadTicksPerMicrosecond());
        if (!limit.HoldsAByte)
        {
            throw CniException.InvalidConfig(
                $"{key}Burst is {burst} bits, which is less than the kernel can count at {key}Rate {rate}; use at least the bits of a "
                + "packet");
        }
        return limit;
    }
}
