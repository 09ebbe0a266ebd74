using System.Collections.Concurrent;

namespace Ipam.Tests;

/// <summary>Answers that a test sets; what it does not know it cannot tell.</summary>
internal sealed class FakeEvidence : ILeaseEvidence
{
    public ConcurrentDictionary<LeaseKey, Liveness> Known { get; } = new();

    public List<Lease> InKernel { get; } = [];

    public HashSet<LeaseKey> BeingMade { get; } = [];

    /// <summary>Whose remains were removed.</summary>
    public List<LeaseKey> Reclaimed { get; } = [];

    public int Probes { get; private set; }

    public int Searches { get; private set; }

    public LeaseOrigin Origin { get; set; }

    public Liveness Probe(Lease lease)
    {
        Probes++;
        return Known.GetValueOrDefault(lease.Key, Liveness.Unknown);
    }

    public bool IsBeingMade(Lease lease) => BeingMade.Contains(lease.Key);

    public void Reclaim(IReadOnlyCollection<Lease> dead) => Reclaimed.AddRange(dead.Select(static lease => lease.Key));

    public IEnumerable<Lease> FindInKernel()
    {
        Searches++;
        return InKernel;
    }
}
