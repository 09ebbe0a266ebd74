using System.Net;
using Ipam.Store;
using Linux.Addresses;

namespace Ipam.Tests;

/// <summary>A network with a store in a directory of its own, and nothing of the host's.</summary>
internal sealed class TestNetwork : IDisposable
{
    public const string BootId = "11111111-2222-3333-4444-555555555555";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ipam-");

    public FakeEvidence Evidence { get; } = new();

    public string DataDir => Path.Combine(_root.FullName, "data");

    public string StoreDirectory => Path.Combine(DataDir, "net");

    public string ReferenceDirectory => Path.Combine(_root.FullName, "reference", "net");

    public string DataFile => Path.Combine(StoreDirectory, $"leases-{BootId}.db");

    public string LogFile => Path.Combine(StoreDirectory, $"leases-{BootId}-log.db");

    public string JournalFile => Path.Combine(StoreDirectory, $"leases-{BootId}.journal");

    public string FilterFile => Path.Combine(StoreDirectory, $"leases-{BootId}.filter");

    public string MachineFile => Path.Combine(StoreDirectory, $"leases-{BootId}.machine");

    public string WitnessDirectory => Path.Combine(_root.FullName, "witness");

    public string Machine { get; set; } = "0123456789abcdef0123456789abcdef";

    public DateTimeOffset BootTime { get; set; } = DateTimeOffset.UtcNow.AddHours(-1);

    public LeaseStoreOptions Options => new()
    {
        DataDir = DataDir,
        Network = "net",
        BootId = BootId,
        BootTime = () => BootTime,
        Evidence = Evidence,
        ReferenceDataDir = Path.Combine(_root.FullName, "reference"),
        Machine = () => Machine,
        WitnessDir = WitnessDirectory,
    };

    public LeaseStore Store => new(Options);

    public void Dispose() => _root.Delete(recursive: true);

    /// <summary>
    /// Range sets from text: sets are separated by blanks, ranges by commas; <c>subnet[=start-end][@gateway][!excluded]…</c>.
    /// </summary>
    public static RangeSet[] Sets(string text) =>
        [.. text.Split(' ').Select(set => new RangeSet([.. set.Split(',').SelectMany(Ranges)]))];

    public static IpRange Range(string text) => Ranges(text).Single();

    public static IReadOnlyList<IpRange> Ranges(string text)
    {
        string[] excluded = text.Split('!');
        string[] gateway = excluded[0].Split('@');
        string[] parts = gateway[0].Split('=');
        string[] ends = parts.ElementAtOrDefault(1)?.Split('-') ?? ["", ""];
        return IpRange.Create(
            Prefix(parts[0]), Ip(ends[0]), Ip(ends[1]), Ip(gateway.ElementAtOrDefault(1) ?? ""), [.. excluded[1..].Select(Prefix)]);
    }

    public static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    public static IPAddress? Ip(string text) =>
        text.Length == 0 ? null : IpText.TryParse(text, out IPAddress address) ? address : throw new FormatException(text);

    public static LeaseKey Key(string id, string ifName = "eth0") => new(id, ifName);

    public static Lease Found(string id, params string[] addresses) => new()
    {
        Key = Key(id),
        CreatedAt = DateTimeOffset.UnixEpoch,
        Addresses = [.. addresses.Select(address => new LeasedAddress(-1, Ip(address)!))],
    };

    /// <summary>Allocates and returns the addresses with prefix lengths.</summary>
    public string Add(string id, string sets, params string[] requested) =>
        string.Join(
            ' ',
            Store.Allocate(Key(id), $"/run/netns/{id}", Sets(sets), [.. requested.Select(ip => Ip(ip)!)])
                .Select(allocation => allocation.Address));

    public string Del(string id) => string.Join(' ', Store.Release(Key(id)).Select(leased => IpText.Format(leased.Address)));

    /// <summary>Writes a file as the Go plugin does.</summary>
    public void WriteReference(string address, string content, string? directory = null)
    {
        _ = Directory.CreateDirectory(directory ?? ReferenceDirectory);
        File.WriteAllText(Path.Combine(directory ?? ReferenceDirectory, address), content);
    }
}
