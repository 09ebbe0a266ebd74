using Linux;

namespace Netlink;

/// <summary>The kernel refused a request.</summary>
/// <param name="errno">Why, as a number to branch on.</param>
/// <param name="operation">What was asked, for people: <c>add address 10.1.0.5/16 to eth0</c>.</param>
/// <param name="explanation">The kernel's own words (NLMSGERR_ATTR_MSG), if it had any.</param>
/// <param name="offset">Bytes into the request at which the offending attribute begins (NLMSGERR_ATTR_OFFS), if told.</param>
/// <param name="inner">The system call that failed, where it was not the kernel's answer.</param>
public sealed class NetlinkException(
    Errno errno, string operation, string? explanation = null, int? offset = null, Exception? inner = null)
    : Exception(explanation is null ? $"{operation}: {errno.Describe()}" : $"{operation}: {errno.Describe()}: {explanation}", inner)
{
    /// <summary>Why, as a number to branch on.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>What was asked.</summary>
    public string Operation { get; } = operation;

    /// <summary>The kernel's own words, if it had any.</summary>
    public string? Explanation { get; } = explanation;

    /// <summary>Which request of its batch it was, from 0; 0 also where there was one alone.</summary>
    public int Request { get; internal init; }

    /// <summary>Bytes into the request at which the offending attribute begins, if told.</summary>
    public int? Offset { get; } = offset;
}
