namespace CniAgent.Configuration;

/// <summary>A configuration is wrong.</summary>
/// <param name="message">Names file and line where there is one, key, value and remedy.</param>
/// <param name="key">The key whose value it is; null if the message says already where it stands.</param>
internal sealed class ConfigException(string message, string? key = null) : Exception(message)
{
    /// <summary>The key whose value is wrong; null if the message says already where it stands.</summary>
    public string? Key => key;
}
