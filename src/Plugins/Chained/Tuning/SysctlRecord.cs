namespace Plugins.Chained.Tuning;

/// <summary>A kernel setting.</summary>
/// <param name="Path">Below /proc/sys.</param>
/// <param name="Found">Its value before.</param>
/// <param name="Set">The value that it was given.</param>
internal sealed record SysctlRecord(string Path, string Found, string Set);
