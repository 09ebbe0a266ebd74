namespace Cluster.Store;

/// <summary>What a node's values hang on: they are deleted when it has not been kept alive for its time.</summary>
/// <param name="Id">Its number in the store; with it a process that starts again takes the lease over.</param>
/// <param name="Lifetime">How long it lives without being kept alive; the store may have chosen more than was asked for.</param>
public sealed record StoreLease(long Id, TimeSpan Lifetime);
