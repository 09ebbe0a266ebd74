namespace Agent.Networks;

/// <summary>How much of a block is not free.</summary>
/// <param name="Held">Addresses that pods hold.</param>
/// <param name="Reserved">Addresses that pods are not given.</param>
internal readonly record struct BlockUse(int Held, int Reserved);
