namespace Dhcp.Client;

/// <summary>What all clients of a daemon share.</summary>
/// <param name="Timers">Where they wait.</param>
/// <param name="Links">The interfaces.</param>
/// <param name="Timeouts">Their patience.</param>
/// <param name="Broadcast">Whether servers are asked to broadcast their answers (<c>-broadcast</c>).</param>
internal sealed record ClientEnvironment(TimerQueue Timers, ILinks Links, ClientTimeouts Timeouts, bool Broadcast);
