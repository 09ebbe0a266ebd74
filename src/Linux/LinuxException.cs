namespace Linux;

/// <summary>A system call failed. The message reads <c>operation: ECODE, text</c>.</summary>
/// <param name="errno">What the kernel returned.</param>
/// <param name="operation">What was tried and on what, for example <c>open /run/netns/a</c>.</param>
public sealed class LinuxException(Errno errno, string operation) : Exception($"{operation}: {errno.Describe()}")
{
    public Errno Errno { get; } = errno;

    public string Operation { get; } = operation;
}
