namespace Ipam.Store;

/// <summary>How far a store has come; it never goes back.</summary>
/// <param name="Generation">How many transactions its database counts.</param>
/// <param name="Leases">How many leases its journal holds behind them.</param>
internal readonly record struct StorePosition(long Generation, int Leases)
{
    public bool IsBehind(StorePosition other) => (Generation, Leases).CompareTo((other.Generation, other.Leases)) < 0;
}
