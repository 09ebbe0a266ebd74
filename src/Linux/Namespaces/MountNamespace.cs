using Linux.Files;

namespace Linux.Namespaces;

/// <summary>The mounts that a process sees: a path means the same to all who share them.</summary>
public static class MountNamespace
{
    /// <summary>
    /// Which one this process is in: a number that is never given again, or of an older kernel the inode, which is. 0 if /proc is not
    /// mounted.
    /// </summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static unsafe ulong ReadId()
    {
        using FileDescriptor? own = FileDescriptor.TryOpen("/proc/self/ns/mnt", OpenFlags.ReadOnly);
        if (own is null)
            return 0;
        const uint NS_GET_MNTNS_ID = 0x8008b705; // linux/nsfs.h of 6.11: _IOR(0xb7, 5, __u64)
        ulong id;
        return SystemCall.Ioctl(own.Number, NS_GET_MNTNS_ID, (nint)(&id)) == 0 ? id : own.Status().Inode;
    }
}
