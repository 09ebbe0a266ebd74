namespace Cluster.Store;

/// <summary>A store did not do what it was asked.</summary>
/// <param name="kind">Why, as far as a program can act on it.</param>
/// <param name="message">Names the store, what was asked, and the remedy.</param>
/// <param name="inner">What the client library said.</param>
public sealed class StoreException(StoreErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why, as far as a program can act on it.</summary>
    public StoreErrorKind Kind => kind;
}
