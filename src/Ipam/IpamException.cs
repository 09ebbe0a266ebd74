using System.Net;

namespace Ipam;

/// <summary>Addresses could not be given, found or taken back.</summary>
public sealed class IpamException(IpamErrorKind kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public IpamErrorKind Kind { get; } = kind;

    /// <summary>The address in question, where there is one.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Who holds what was asked for, where somebody does.</summary>
    public LeaseKey? Holder { get; init; }
}
