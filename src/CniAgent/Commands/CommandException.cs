namespace CniAgent.Commands;

/// <summary>A command cannot do what it was asked.</summary>
/// <param name="message">Names the value and the remedy.</param>
/// <param name="inner">What failed.</param>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);
