namespace Datapath.Node;

/// <summary>Which interfaces belong to which hardware, as sysfs tells it.</summary>
/// <param name="root">Where sysfs is mounted: <c>/sys</c>.</param>
public sealed class Sysfs(string root)
{
    /// <summary>How the path of every device begins, wherever sysfs is mounted.</summary>
    public const string DevicesPrefix = "/sys/devices/";

    // Drivers that hand a device to a program; it has no interface then (the reference's list).
    private static readonly string[] s_userSpaceDrivers = ["vfio-pci", "uio_pci_generic", "igb_uio"];

    /// <summary>Whether there is a PCI device of that address.</summary>
    /// <param name="id">For example <c>0000:00:1f.6</c>.</param>
    public bool HasPciDevice(string id) => IsOneName(id) && Directory.Exists(PciDevice(id));

    /// <summary>Whether there is a device of that name on the auxiliary bus.</summary>
    /// <param name="id">For example <c>mlx5_core.sf.4</c>.</param>
    public bool HasAuxiliaryDevice(string id) => IsOneName(id) && Directory.Exists(AuxiliaryDevice(id));

    /// <summary>Whether a PCI device is driven by a program instead of the kernel (DPDK).</summary>
    public bool IsDrivenFromUserSpace(string pciId) =>
        IsOneName(pciId)
            && new FileInfo($"{PciDevice(pciId)}/driver").LinkTarget is { } driver
            && s_userSpaceDrivers.Contains(Path.GetFileName(driver));

    /// <summary>The interface of a PCI device, or of the virtio device in it; null if it has none.</summary>
    public string? FindOfPci(string id)
    {
        if (!HasPciDevice(id))
            return null;
        string device = PciDevice(id);
        return FirstIn($"{device}/net")
            ?? Directory.EnumerateDirectories(device, "virtio*")
                .Order(StringComparer.Ordinal)
                .Select(static virtio => FirstIn($"{virtio}/net"))
                .FirstOrDefault(static name => name is not null);
    }

    /// <summary>The interface of a device on the auxiliary bus; null if it has none.</summary>
    public string? FindOfAuxiliary(string id) => HasAuxiliaryDevice(id) ? FirstIn($"{AuxiliaryDevice(id)}/net") : null;

    /// <summary>The interface of the device at a path below <see cref="DevicesPrefix"/>; null if it has none.</summary>
    public string? FindOfPath(string kernelPath) => FirstIn($"{root}/devices/{kernelPath[DevicesPrefix.Length..]}/net");

    private string PciDevice(string id) => $"{root}/bus/pci/devices/{id}";

    private string AuxiliaryDevice(string id) => $"{root}/bus/auxiliary/devices/{id}";

    /// <summary>What a runtime says must not lead out of the directory.</summary>
    private static bool IsOneName(string id) => id.Length > 0 && id is not ("." or "..") && !id.Contains('/', StringComparison.Ordinal);

    private static string? FirstIn(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFileSystemEntries(directory)
            .Order(StringComparer.Ordinal)
            .Select(static path => Path.GetFileName(path))
            .FirstOrDefault()
        : null;
}
