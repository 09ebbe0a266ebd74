namespace Dhcp.Client;

/// <summary>How patient the daemon is with servers.</summary>
internal sealed record ClientTimeouts
{
    /// <summary>The first of three spans for which an answer is awaited; each is twice the one before (<c>-timeout</c>).</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long pauses grow (<c>-resendmax</c>).</summary>
    public TimeSpan ResendMax { get; init; } = TimeSpan.FromSeconds(62);

    /// <summary>For how long an address is sought at all (<c>-resendtimeout</c>).</summary>
    public TimeSpan ResendTimeout { get; init; } = TimeSpan.FromSeconds(208);

    /// <summary>The three spans together.</summary>
    public TimeSpan Exchange => Answer * 7;
}
