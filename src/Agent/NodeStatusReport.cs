namespace Agent;

/// <summary>How things are on a node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Version">The agent's version.</param>
/// <param name="Addresses">By which others reach it.</param>
/// <param name="Networks">Its networks.</param>
/// <param name="Problems">What is not as it should be, each a sentence; empty if all is well.</param>
/// <param name="HasRun">Whether the agent has done its work once since it started.</param>
public sealed record NodeStatusReport(
    string Node,
    string Cluster,
    string Version,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<NetworkReport> Networks,
    IReadOnlyList<string> Problems,
    bool HasRun)
{
    /// <summary>Of an agent that has not done anything yet.</summary>
    public static NodeStatusReport Empty { get; } = new("", "", "", [], [], [], HasRun: false);
}

/// <summary>A network on a node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Blocks">The node's blocks of it.</param>
/// <param name="Problem">Why it does not give all the addresses that it should; null if it does.</param>
public sealed record NetworkReport(string Name, IReadOnlyList<BlockReport> Blocks, string? Problem);

/// <summary>A block of a node.</summary>
/// <param name="Block">The block.</param>
/// <param name="Held">How many of its addresses pods hold.</param>
/// <param name="Size">How many addresses it has for pods; about, where they are very many.</param>
/// <param name="Reserved">How many of them are reserved.</param>
public sealed record BlockReport(string Block, int Held, double Size, int Reserved);
