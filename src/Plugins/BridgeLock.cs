using Linux;

namespace Plugins;

/// <summary>
/// Keeps a bridge from being deleted between the moment at which an ADD finds it and the moment at which its port is on it. ADDs share
/// the lock; only one that takes back a bridge that it made wants it alone.
/// </summary>
internal static class BridgeLock
{
    // Not in a network's data directory: networks share bridges.
    private const string Directory = "/run/cni/bridges";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>For those who use the bridge.</summary>
    /// <exception cref="TimeoutException">A rollback has held it for 30 s.</exception>
    public static FileLock Share(string bridge) => FileLock.AcquireShared(PathOf(bridge), Timeout);

    /// <summary>For the one who deletes it.</summary>
    /// <inheritdoc cref="Share"/>
    public static FileLock Own(string bridge) => FileLock.Acquire(PathOf(bridge), Timeout);

    private static string PathOf(string bridge)
    {
        _ = System.IO.Directory.CreateDirectory(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return $"{Directory}/{bridge}.lock";
    }
}
