using System.Net;
using Ipam;
using Ipam.Store;
using Linux.Addresses;
using Linux.Kernel;

namespace Agent.Networks;

/// <summary>The addresses that pods of this node hold in a network, read from the store of <c>host-local</c>.</summary>
/// <param name="leaseDirectory">Of all networks.</param>
/// <param name="network">The network's name.</param>
internal sealed class NetworkLeases(string leaseDirectory, string network)
{
    private readonly LeaseStore _store = new(new LeaseStoreOptions
    {
        DataDir = leaseDirectory,
        Network = network,
        BootId = KernelBoot.ReadId(),
        Evidence = new NoEvidence(),
    });

    /// <summary>How many addresses of each block are held.</summary>
    /// <exception cref="IpamException">The store cannot be read now.</exception>
    public IReadOnlyDictionary<IpPrefix, int> Count(IReadOnlyCollection<IpPrefix> blocks)
    {
        Dictionary<IpPrefix, int> held = blocks.ToDictionary(static block => block, static _ => 0);
        foreach (LeasedAddress leased in _store.Look().SelectMany(static lease => lease.Addresses))
        {
            // Blocks of a network do not overlap.
            if (blocks.FirstOrDefault(block => block.Contains(leased.Address)) is { Address: not null } block)
                held[block]++;
        }
        return held;
    }

    /// <summary>The containers that hold some of the addresses.</summary>
    /// <exception cref="IpamException">The store cannot be read now.</exception>
    public IReadOnlyDictionary<IPAddress, string> FindHolders(IReadOnlySet<IPAddress> addresses)
    {
        Dictionary<IPAddress, string> holders = [];
        foreach (Lease lease in _store.Look())
        {
            foreach (LeasedAddress leased in lease.Addresses.Where(leased => addresses.Contains(leased.Address)))
                holders[leased.Address] = lease.Key.ContainerId;
        }
        return holders;
    }

    /// <summary>Looking asks nobody.</summary>
    private sealed class NoEvidence : ILeaseEvidence
    {
        public Liveness Probe(Lease lease) => Liveness.Unknown;

        public IEnumerable<Lease> FindInKernel() => [];
    }
}
