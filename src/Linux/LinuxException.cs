namespace Linux;

/// <summary>A system call failed. The message reads <c>operation: ECODE, text</c>.</summary>
/// <param name="errno">What the kernel returned.</param>
/// <param name="operation">What was tried and on what, for example <c>open /run/netns/a</c>.</param>
/// <param name="inner">The failure of a part of it; null if the call itself failed.</param>
public sealed class LinuxException(Errno errno, string operation, Exception? inner = null)
    : Exception($"{operation}: {errno.Describe()}", inner)
{
    public Errno Errno { get; } = errno;

    public string Operation { get; } = operation;
}
