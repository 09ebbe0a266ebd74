namespace Plugins.Chained.Tuning;

/// <summary>The end of the pod's cable on the node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mtu">Bytes.</param>
internal sealed record HostEndRecord(string Name, int Mtu);
