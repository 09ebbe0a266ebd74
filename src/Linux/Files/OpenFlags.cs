using static Tmds.Linux.LibC;

namespace Linux.Files;

/// <summary>
/// How a file is opened; close-on-exec is always added. Source: asm-generic/fcntl.h (Tmds.LibC has each architecture's values).
/// </summary>
[Flags]
public enum OpenFlags
{
    ReadOnly = 0,
    WriteOnly = 1 << 0,
    ReadWrite = 1 << 1,
    Create = 1 << 2,
    Exclusive = 1 << 3,
    Truncate = 1 << 4,
    Append = 1 << 5,
    Directory = 1 << 6,
    NoFollow = 1 << 7,
    Path = 1 << 8,
    NonBlocking = 1 << 9,
}

internal static class OpenFlagBits
{
    /// <summary>The architecture's O_ bits.</summary>
    public static int ToKernel(this OpenFlags flags)
    {
        int bits = O_CLOEXEC;
        if (flags.HasFlag(OpenFlags.WriteOnly)) bits |= O_WRONLY;
        if (flags.HasFlag(OpenFlags.ReadWrite)) bits |= O_RDWR;
        if (flags.HasFlag(OpenFlags.Create)) bits |= O_CREAT;
        if (flags.HasFlag(OpenFlags.Exclusive)) bits |= O_EXCL;
        if (flags.HasFlag(OpenFlags.Truncate)) bits |= O_TRUNC;
        if (flags.HasFlag(OpenFlags.Append)) bits |= O_APPEND;
        if (flags.HasFlag(OpenFlags.Directory)) bits |= O_DIRECTORY;
        if (flags.HasFlag(OpenFlags.NoFollow)) bits |= O_NOFOLLOW;
        if (flags.HasFlag(OpenFlags.Path)) bits |= O_PATH;
        if (flags.HasFlag(OpenFlags.NonBlocking)) bits |= O_NONBLOCK;
        return bits;
    }
}
