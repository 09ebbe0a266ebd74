namespace Cni;

/// <summary>The edges of the process: what a plugin is given and where its answer goes. Tests bring their own.</summary>
public interface ICniHost
{
    /// <summary>An environment variable; "" if it is absent, since runtimes export empty ones for absent.</summary>
    string Variable(string name);

    /// <summary>The whole environment, for delegates.</summary>
    IReadOnlyCollection<KeyValuePair<string, string>> Variables { get; }

    /// <summary>All of stdin.</summary>
    /// <exception cref="Linux.LinuxException">It cannot be read.</exception>
    ReadOnlyMemory<byte> ReadInput();

    /// <summary>Writes the answer to stdout: once, and in one piece.</summary>
    /// <exception cref="Linux.LinuxException">Nobody reads it.</exception>
    void WriteOutput(ReadOnlySpan<byte> answer);

    /// <summary>Writes a line to stderr; never fails.</summary>
    void WriteError(string line);
}
