using Tmds.Linux;

namespace Linux.Sockets;

/// <summary>struct sockaddr_un (linux/un.h) with a path or an abstract name.</summary>
internal static class UnixAddress
{
    // UNIX_PATH_MAX, the NUL included.
    private const int MaxPathBytes = 108;

    /// <summary>The address of a path; null if it is too long.</summary>
    public static byte[]? TryGet(string path)
    {
        byte[] name = SystemCall.Path(path);
        return name.Length <= MaxPathBytes ? [.. BitConverter.GetBytes((ushort)LibC.AF_UNIX), .. name] : null;
    }

    /// <summary>The address of a name that is no file's (unix(7), "abstract"); null if it is too long.</summary>
    public static byte[]? TryGetAbstract(ReadOnlySpan<byte> name) =>
        name.Length < MaxPathBytes ? [.. BitConverter.GetBytes((ushort)LibC.AF_UNIX), 0, .. name] : null;
}
