namespace Ipam;

/// <summary>Whether the holder of a lease still exists.</summary>
public enum Liveness
{
    Alive,
    Dead,

    /// <summary>It cannot be told; counts as alive.</summary>
    Unknown,
}
