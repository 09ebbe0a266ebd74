namespace Cni;

/// <summary>
/// The <c>code</c> of an error answer. Up to 99: CNI specification 1.1.0, section "Error", where the numbers that are missing here are
/// reserved; from 100 on: ours.
/// </summary>
public enum CniErrorCode : uint
{
    /// <summary>The configuration's cniVersion is not supported, or does not allow the verb.</summary>
    IncompatibleVersion = 1,

    /// <summary>A key of the configuration asks for something that the plugin cannot do.</summary>
    UnsupportedField = 2,

    /// <summary>The container does not exist; the runtime need not clean up.</summary>
    UnknownContainer = 3,

    /// <summary>A CNI_ variable is missing or invalid.</summary>
    InvalidEnvironment = 4,

    /// <summary>stdin, stdout or a file cannot be read or written.</summary>
    IOFailure = 5,

    /// <summary>The configuration is not JSON, or a value has the wrong JSON type.</summary>
    DecodingFailure = 6,

    /// <summary>The configuration is well-formed and wrong.</summary>
    InvalidNetworkConfig = 7,

    /// <summary>CNI_NETNS is absent, no network namespace, or the plugin's own (libcni 1.2, types.ErrInvalidNetNS).</summary>
    InvalidNetNS = 8,

    /// <summary>Something is busy; the same call can succeed later.</summary>
    TryAgainLater = 11,

    /// <summary>STATUS: an ADD cannot be served now.</summary>
    PluginNotAvailable = 50,

    /// <summary>STATUS: an ADD cannot be served now, and running containers may be impaired.</summary>
    LimitedConnectivity = 51,

    /// <summary>A fault of ours; details hold the stack trace for the bug report.</summary>
    Internal = 100,

    /// <summary>The kernel refused an operation; the message names it and the errno.</summary>
    KernelFailure = 101,

    /// <summary>No address is free in a range.</summary>
    AddressesExhausted = 102,

    /// <summary>What should be made exists: an interface, an address, a live attachment of the same container and name.</summary>
    AlreadyExists = 103,

    /// <summary>CHECK found something other than what ADD made.</summary>
    CheckFailed = 104,

    /// <summary>Another plugin that this one calls is missing, or failed without a code of its own.</summary>
    DelegateFailure = 105,
}

internal static class CniErrorCodes
{
    /// <summary>Whether the specification lets a plugin answer with this code.</summary>
    public static bool IsAssigned(ulong code) => code is (>= 1 and <= 8) or 11 or 50 or 51 or (>= 100 and <= uint.MaxValue);
}
