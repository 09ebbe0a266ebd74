using Linux.Files;

namespace Linux.Namespaces;

/// <summary>
/// The network namespaces of the machine that can be found: those that threads are in, those that are mounted anywhere, and those that
/// processes hold open. A namespace that is in none of these places is gone, or nobody can enter it any more.
/// </summary>
/// <remarks>
/// Only whoever sees all processes sees all namespaces: from the initial pid namespace, with the privilege to look into every process.
/// </remarks>
public sealed class NamespaceCensus
{
    // PROC_PID_INIT_INO, linux/proc_ns.h.
    private const ulong InitialPidNamespace = 0xEFFFFFFC;

    private const string NetworkPrefix = "net:[";

    // Inodes tell namespaces apart while both exist.
    private readonly HashSet<string> _inodes = [];
    private readonly HashSet<ulong> _cookies = [];
    private readonly List<string> _processes = [];

    private bool _isComplete;
    private bool _hasDescriptors;

    private NamespaceCensus() => _isComplete = FileStatus.TryGet("/proc/self/ns/pid") is { Inode: InitialPidNamespace };

    /// <summary>Looks at all threads and mounts.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static NamespaceCensus Take()
    {
        NamespaceCensus census = new();
        Dictionary<string, List<string>> mountNamespaces = [];
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(process)[0]))
                continue;
            census._processes.Add(process);
            census.CountThreads(process);
            if (census.TryReadLink($"{process}/ns/mnt") is not { } mounts)
                continue;
            if (mountNamespaces.TryGetValue(mounts, out List<string>? sharing))
                sharing.Add(process);
            else
                mountNamespaces.Add(mounts, [process]);
        }
        // Hidden from those without privilege (proc(5), hidepid).
        census._isComplete &= census._processes.Contains("/proc/1");
        foreach (List<string> sharing in mountNamespaces.Values)
            census.CountMounts(sharing);
        return census;
    }

    /// <summary>Whether a namespace exists; null if it was not found, and it cannot be told whether all were.</summary>
    /// <param name="cookie"><see cref="NetworkNamespace.Cookie"/>, read before the census was taken; 0 is unknown.</param>
    public bool? Contains(ulong cookie)
    {
        if (cookie == 0)
            return null;
        if (!_cookies.Contains(cookie) && !_hasDescriptors)
            CountDescriptors();
        return _cookies.Contains(cookie) ? true : _isComplete ? false : null;
    }

    /// <summary>The mounted network namespaces in a list of mounts (proc(5), mountinfo).</summary>
    /// <param name="mountInfo">The list.</param>
    internal static IEnumerable<(string Namespace, string Path)> MountedIn(string mountInfo)
    {
        foreach (string line in mountInfo.Split('\n'))
        {
            string[] fields = line.Split(' ');
            if (fields.Length > 4 && fields[3].StartsWith(NetworkPrefix, StringComparison.Ordinal))
                yield return (fields[3], Unescape(fields[4]));
        }
    }

    private void CountThreads(string process)
    {
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"{process}/task"))
                Count($"{thread}/ns/net");
        }
        catch (DirectoryNotFoundException)
        {
            // It has ended.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isComplete = false;
        }
    }

    private void CountMounts(List<string> processes)
    {
        foreach (string process in processes)
        {
            if (TryReadMounts(process) is not { } mounts)
                continue;
            foreach ((string name, string path) in MountedIn(mounts))
            {
                if (!_inodes.Contains(name))
                    Count(name, $"{process}/root{path}");
            }
            return;
        }
    }

    private string? TryReadMounts(string process)
    {
        try
        {
            string mounts = File.ReadAllText($"{process}/mountinfo");
            return mounts.Length > 0 ? mounts : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // EINVAL: a zombie.
            _isComplete &= !Directory.Exists($"{process}/root/.");
            return null;
        }
    }

    /// <summary>Rarely does nothing but an open file hold a namespace, and there are many open files; so they come last.</summary>
    private void CountDescriptors()
    {
        _hasDescriptors = true;
        foreach (string process in _processes)
        {
            try
            {
                foreach (string descriptor in Directory.EnumerateFileSystemEntries($"{process}/fd"))
                    Count(descriptor);
            }
            catch (DirectoryNotFoundException)
            {
                // It has ended.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _isComplete = false;
            }
        }
    }

    private void Count(string path)
    {
        if (TryReadLink(path) is { } name && name.StartsWith(NetworkPrefix, StringComparison.Ordinal) && !_inodes.Contains(name))
            Count(name, path);
    }

    private void Count(string name, string path)
    {
        try
        {
            using NetworkNamespace? found = NetworkNamespace.TryOpen(path);
            // Gone since it was listed.
            if (found is null)
                return;
            if (found.Cookie == 0)
                _isComplete = false;
            _ = _cookies.Add(found.Cookie);
            // Another one may have come to that path meanwhile, or another mount covers it.
            if ($"{NetworkPrefix}{found.Handle.Status().Inode}]" == name)
                _ = _inodes.Add(name);
            else
                _isComplete = false;
        }
        catch (LinuxException)
        {
            _isComplete = false;
        }
    }

    private string? TryReadLink(string path)
    {
        Errno errno = SystemCall.TryReadLink(path, out string? target);
        // ENOENT, ESRCH: the process has ended; a zombie is in no namespace.
        if (errno is not (Errno.None or Errno.ENOENT or Errno.ESRCH))
            _isComplete = false;
        return target;
    }

    /// <summary>Space, tab, line feed and backslash stand there as octal numbers.</summary>
    private static string Unescape(string path)
    {
        if (!path.Contains('\\', StringComparison.Ordinal))
            return path;
        return path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\012", "\n", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);
    }
}
