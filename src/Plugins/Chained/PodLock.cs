using Linux.Files;
using Linux.Namespaces;

namespace Plugins.Chained;

/// <summary>
/// Keeps chained plugins of one pod out of each other's way where they share something (a free routing table, a kernel setting): several
/// attachments of a pod may be made at a time. The lock is on the namespace itself, as the reference's sbr does it, so there is no file to
/// leave behind.
/// </summary>
internal static class PodLock
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">Another call has held it for 30 s.</exception>
    public static FileLock Take(NetworkNamespace pod) => FileLock.AcquireExisting($"/proc/self/fd/{pod.Handle.Number}", s_timeout);
}
