namespace Cni;

/// <summary>
/// A failure as the runtime will see it. Runtimes often show the message alone, so it names what failed, where, and what to do.
/// </summary>
/// <param name="code">What kind of failure it is.</param>
/// <param name="message">The whole story in one line.</param>
/// <param name="details">More for a person who searches: lists, texts of other programs. Null if there is no more.</param>
/// <param name="inner">The cause, if it was an exception.</param>
public sealed class CniException(CniErrorCode code, string message, string? details = null, Exception? inner = null)
    : Exception(message, inner)
{
    public CniErrorCode Code { get; } = code;

    public string? Details { get; } = details;

    /// <summary>The configuration, or what a plugin before in the chain made, cannot be used as it is.</summary>
    /// <param name="message">Names the key, its value and the remedy.</param>
    /// <param name="inner">The cause, if it was an exception.</param>
    public static CniException InvalidConfig(string message, Exception? inner = null) =>
        new(CniErrorCode.InvalidNetworkConfig, message, inner: inner);

    /// <summary>CHECK found something other than what ADD made.</summary>
    /// <param name="message">Names what is missing or different.</param>
    public static CniException CheckFailed(string message) => new(CniErrorCode.CheckFailed, message);
}
