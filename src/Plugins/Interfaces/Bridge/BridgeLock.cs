using System.Globalization;
using System.Text;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Plugins.Interfaces.Bridge;

/// <summary>
/// Keeps a bridge from being deleted between the moment at which an ADD finds it and the moment at which its port is on it. ADDs share
/// the lock; only one that takes back a bridge that it made wants it alone. The file tells besides which bridge has its MAC address for
/// good.
/// </summary>
internal sealed class BridgeLock : IDisposable
{
    // Not in a network's data directory: networks share bridges.
    private const string Directory = "/run/cni/bridges";

    private const int RecordSize = 32;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly FileLock _file;

    private BridgeLock(FileLock file) => _file = file;

    /// <summary>For those who use the bridge.</summary>
    /// <exception cref="TimeoutException">A rollback has held it for 30 s.</exception>
    public static BridgeLock Share(string bridge) => new(FileLock.AcquireShared(PathOf(bridge), s_timeout));

    /// <summary>For the one who deletes it.</summary>
    /// <inheritdoc cref="Share"/>
    public static BridgeLock Own(string bridge) => new(FileLock.Acquire(PathOf(bridge), s_timeout));

    /// <summary>
    /// Whether a bridge was given this MAC address, so that it does not take its ports' (br_stp_recalculate_bridge_id,
    /// net/bridge/br_stp_if.c).
    /// </summary>
    /// <param name="index">Its ifindex.</param>
    /// <param name="mac">The address that it has now.</param>
    public bool IsFixed(int index, MacAddress mac)
    {
        Span<byte> found = stackalloc byte[RecordSize];
        return _file.File.ReadAt(0, found) == RecordSize && found.SequenceEqual(Record(index, mac));
    }

    /// <summary>Remembers that a bridge was given a MAC address, if that can be written: the next ADD would only give it again.</summary>
    /// <inheritdoc cref="IsFixed"/>
    public void SetFixed(int index, MacAddress mac)
    {
        try
        {
            _file.File.WriteAt(0, Record(index, mac));
        }
        catch (LinuxException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static byte[] Record(int index, MacAddress mac) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{index} {mac}").PadRight(RecordSize - 1) + "\n");

    private static string PathOf(string bridge)
    {
        OwnerDirectory.Create(Directory);
        return $"{Directory}/{bridge}.lock";
    }
}
