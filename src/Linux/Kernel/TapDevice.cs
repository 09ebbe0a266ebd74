using System.Runtime.InteropServices;
using System.Text;
using Linux.Addresses;
using Linux.Files;

namespace Linux.Kernel;

/// <summary>Makes tap interfaces by /dev/net/tun, the only way to one that nothing is attached to.</summary>
public static class TapDevice
{
    private const string Path = "/dev/net/tun";

    // struct ifreq (linux/if.h): 16 bytes of name, then a union that begins with ifr_flags and is 24 bytes long.
    private const int RequestSize = 40;
    private const int FlagsOffset = 16;

    // linux/if_tun.h
    private const uint TUNSETIFF = 0x400454ca;
    private const uint TUNSETPERSIST = 0x400454cb;
    private const uint TUNSETOWNER = 0x400454cc;
    private const uint TUNSETGROUP = 0x400454ce;
    private const int IFF_TAP = 0x0002;
    private const int IFF_MULTI_QUEUE = 0x0100;
    private const int IFF_NO_PI = 0x1000;
    private const int IFF_VNET_HDR = 0x4000;
    private const int IFF_TUN_EXCL = 0x8000;

    /// <summary>Makes a tap in the calling thread's network namespace; it stays until it is deleted as a link, and is down.</summary>
    /// <param name="name">Its name, at most 15 bytes.</param>
    /// <param name="multiQueue">Whether several queues can be attached to it; whoever attaches one must want the same.</param>
    /// <param name="owner">The user ID that may attach to it; null for nobody without privilege.</param>
    /// <param name="group">The group ID that may attach to it; null for nobody without privilege.</param>
    /// <exception cref="LinuxException">
    /// The kernel lacks it (ENOENT, ENODEV), an interface has the name (EBUSY, EINVAL), or the call failed otherwise; no tap is left.
    /// </exception>
    public static void Create(string name, bool multiQueue, uint? owner, uint? group)
    {
        using FileDescriptor tap = FileDescriptor.Open(Path, OpenFlags.ReadWrite);
        SetInterface(tap, name, multiQueue);
        // From here on it is ours, and gone with the descriptor until it is told to stay, which comes last.
        if (owner is { } user)
            Set(tap, TUNSETOWNER, user, $"set owner {user} of tap {name}");
        if (group is { } members)
            Set(tap, TUNSETGROUP, members, $"set group {members} of tap {name}");
        Set(tap, TUNSETPERSIST, 1, $"make tap {name} persistent");
    }

    private static unsafe void SetInterface(FileDescriptor tap, string name, bool multiQueue)
    {
        // Without packet information, and with the header that virtual machines need for offloads: whoever attaches may choose again.
        int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL | (multiQueue ? IFF_MULTI_QUEUE : 0);
        Span<byte> request = stackalloc byte[RequestSize];
        request.Clear();
        _ = Encoding.UTF8.GetBytes(name, request[..InterfaceName.MaxBytes]);
        MemoryMarshal.Write(request[FlagsOffset..], (ushort)flags);
        fixed (byte* pointer = request)
        {
            if (SystemCall.Ioctl(tap.Number, TUNSETIFF, (nint)pointer) != 0)
                throw new LinuxException(SystemCall.LastError, $"create tap {name}");
        }
    }

    private static void Set(FileDescriptor tap, uint request, uint value, string operation)
    {
        if (SystemCall.Ioctl(tap.Number, request, (nint)value) != 0)
            throw new LinuxException(SystemCall.LastError, operation);
    }
}
