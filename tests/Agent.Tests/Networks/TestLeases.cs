using Ipam;
using Ipam.Store;
using Linux.Addresses;
using Linux.Kernel;

namespace Agent.Tests.Networks;

/// <summary>Takes and gives back addresses as <c>host-local</c> does.</summary>
/// <param name="directory">For the leases, and beside them for what vouches for them.</param>
/// <param name="pool">Of the network <c>pods</c>.</param>
internal sealed class TestLeases(string directory, string pool)
{
    /// <summary>The files of the store.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(Path.Combine(directory, "leases", "pods"));

    public void Take(IpPrefix block, int count, string container = "pod")
    {
        RangeSet set = new(IpRange.Create(Prefix(pool), block.Network, block.Broadcast));
        for (int i = 0; i < count; i++)
            _ = Store().Allocate(new LeaseKey($"{container}{i}", "eth0"), "", [set], []);
    }

    public void GiveBack(int count)
    {
        for (int i = 0; i < count; i++)
            _ = Store().Release(new LeaseKey($"pod{i}", "eth0"));
    }

    public static IpPrefix Prefix(string text) =>
        IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new ArgumentException(text);

    private LeaseStore Store() => new(new LeaseStoreOptions
    {
        DataDir = Path.Combine(directory, "leases"),
        Network = "pods",
        BootId = KernelBoot.ReadId(),
        WitnessDir = Path.Combine(directory, "witness"),
        ReferenceDataDir = "/nonexistent",
        Evidence = new NoEvidence(),
    });

    private sealed class NoEvidence : ILeaseEvidence
    {
        public Liveness Probe(Lease lease) => Liveness.Unknown;

        public IEnumerable<Lease> FindInKernel() => [];
    }
}
