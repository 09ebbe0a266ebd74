using EndToEnd.Sandbox;
using Ipam;
using Ipam.Store;
using Linux.Addresses;
using Linux.Kernel;

namespace EndToEnd.Hostile;

/// <summary>
/// The leases of a network as they stand in its files, read without the plugin: what it would reclaim on demand shows here.
/// </summary>
public sealed class LeaseFiles(string dataDir, string network)
{
    public string Directory { get; } = Path.Combine(dataDir, network);

    /// <summary>The data file of this boot.</summary>
    public string Data => Path.Combine(Directory, $"leases-{KernelBoot.ReadId()}.db");

    /// <summary>What stores were set aside because they were damaged.</summary>
    public IReadOnlyList<string> SetAside =>
        [.. System.IO.Directory.EnumerateFiles(Directory, "*.damaged-*").Order(StringComparer.Ordinal)];

    /// <summary>Who holds what: <c>10.1.0.5 container eth0</c>, in order.</summary>
    public IReadOnlyList<string> Held()
    {
        LeaseStore store = new(new LeaseStoreOptions
        {
            DataDir = dataDir,
            Network = network,
            BootId = KernelBoot.ReadId(),
            Evidence = new NoEvidence(),
            ReferenceDataDir = "/nonexistent",
        });
        return
        [
            .. store.List().SelectMany(lease => lease.Addresses.Select(leased => $"{IpText.Format(leased.Address)} {lease.Key}"))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>As a pod's own lease is listed.</summary>
    public static string Line(Pod pod) => $"{pod.Address()} {pod.ContainerId} {pod.InterfaceName}";

    private sealed class NoEvidence : ILeaseEvidence
    {
        public Liveness Probe(Lease lease) => Liveness.Unknown;

        public IEnumerable<Lease> FindInKernel() => [];
    }
}
