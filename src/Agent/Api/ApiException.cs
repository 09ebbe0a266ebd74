namespace Agent.Api;

/// <summary>Something that was asked for is refused.</summary>
/// <param name="status">The answer's HTTP status.</param>
/// <param name="message">Names the value and the remedy.</param>
public sealed class ApiException(int status, string message) : Exception(message)
{
    /// <summary>The answer's HTTP status.</summary>
    public int Status => status;
}
