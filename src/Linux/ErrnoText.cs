namespace Linux;

/// <summary>What an operator reads for an error number.</summary>
public static class ErrnoText
{
    extension(Errno errno)
    {
        /// <summary>The name and, where it helps, the meaning: <c>ENOENT, no such file or directory</c>.</summary>
        public string Describe()
        {
            string meaning = errno switch
            {
                Errno.EPERM => "operation not permitted",
                Errno.ENOENT => "no such file or directory",
                Errno.ESRCH => "no such process or object",
                Errno.EIO => "input/output error",
                Errno.ENXIO => "no such device or address",
                Errno.EAGAIN => "temporarily unavailable",
                Errno.ENOMEM => "out of memory",
                Errno.EACCES => "permission denied",
                Errno.EBUSY => "device or resource busy",
                Errno.EEXIST => "exists already",
                Errno.ENODEV => "no such device",
                Errno.ENOTDIR => "not a directory",
                Errno.EISDIR => "is a directory",
                Errno.EINVAL => "invalid argument",
                Errno.ENFILE => "too many open files on this host",
                Errno.EMFILE => "too many open files",
                Errno.EFBIG => "file too large",
                Errno.ENOSPC => "no space left on device",
                Errno.EROFS => "read-only file system",
                Errno.EPIPE => "nobody reads the other end",
                Errno.ERANGE => "out of range",
                Errno.EOVERFLOW => "value too large",
                Errno.EMSGSIZE => "message too long",
                Errno.EPROTONOSUPPORT => "protocol not supported by this kernel",
                Errno.EOPNOTSUPP => "not supported by this kernel",
                Errno.EAFNOSUPPORT => "address family not supported by this kernel",
                Errno.EADDRINUSE => "address already in use",
                Errno.EADDRNOTAVAIL => "address not available",
                Errno.ENETDOWN => "network is down",
                Errno.ENETUNREACH => "network is unreachable",
                Errno.ECONNRESET => "the other end closed the connection",
                Errno.ECONNREFUSED => "nobody listens there",
                Errno.ENOBUFS => "no buffer space available",
                Errno.ETIMEDOUT => "timed out",
                Errno.EHOSTUNREACH => "no route to host",
                _ => "",
            };
            // A number without a member prints as the number.
            string name = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
            return meaning.Length == 0 ? name : $"{name}, {meaning}";
        }
    }
}
