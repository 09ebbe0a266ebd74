namespace CniAgent.Configuration;

/// <summary>A configuration is wrong.</summary>
/// <param name="message">Names file and line where there is one, key, value and remedy.</param>
internal sealed class ConfigException(string message) : Exception(message);
