namespace Dhcp.Client;

/// <summary>The interface of a lease does not exist any more, or its network namespace does not.</summary>
internal sealed class LinkGoneException(string message) : Exception(message);
