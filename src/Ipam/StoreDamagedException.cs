namespace Ipam;

/// <summary>The store's files do not hold what was written into them. The store is set aside and built anew.</summary>
internal sealed class StoreDamagedException(string message, Exception? cause = null) : Exception(message, cause);
