namespace Datapath.Firewalld;

/// <summary>A method called over D-Bus answered with an error.</summary>
/// <param name="message">The error's own words.</param>
public sealed class SystemBusException(string message) : Exception(message);
