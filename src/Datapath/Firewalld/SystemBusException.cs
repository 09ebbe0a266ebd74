namespace Plugins;

/// <summary>A method called over D-Bus answered with an error.</summary>
/// <param name="message">The error's own words.</param>
internal sealed class SystemBusException(string message) : Exception(message);
