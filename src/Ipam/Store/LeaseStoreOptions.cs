using Linux.Kernel;

namespace Ipam.Store;

/// <summary>Which store, and what it may ask about the machine.</summary>
public sealed record LeaseStoreOptions
{
    /// <summary>Holds a directory per network.</summary>
    public string DataDir { get; init; } = "/run/cni/networks";

    /// <summary>The network's name, valid as a file name.</summary>
    public required string Network { get; init; }

    /// <summary>How long to wait for other processes that use this network's store.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The kernel's boot ID: leases do not outlive the boot.</summary>
    public required string BootId { get; init; }

    /// <summary>When this boot began; asked only when a store is created.</summary>
    public Func<DateTimeOffset> BootTime { get; init; } = KernelBoot.ReadTime;

    /// <summary>Which machine this is; asked only when a store is created.</summary>
    public Func<string> Machine { get; init; } = MachineIdentity.Read;

    /// <summary>Remembers how far stores had come whose <see cref="DataDir"/> does not lie below <c>/run</c>.</summary>
    public string WitnessDir { get; init; } = "/run/cni/leases";

    /// <summary>Tells the living from the dead.</summary>
    public required ILeaseEvidence Evidence { get; init; }

    /// <summary>
    /// Where the Go host-local plugin kept its state when no dataDir was configured. It is imported, like what the plugin left in
    /// <see cref="DataDir"/>, when a store is created.
    /// </summary>
    public string ReferenceDataDir { get; init; } = "/var/lib/cni/networks";
}
