namespace Agent.Overlay;

/// <summary>Something on this host keeps a part of the overlay from working; the message says what, and the remedy.</summary>
/// <param name="problem">A whole sentence.</param>
public sealed class OverlayException(string problem) : Exception(problem);
