namespace CniAgent.Mtu;

/// <summary>How large packets pass on the way to a node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Way">vxlan or direct.</param>
/// <param name="Host">Its address to which packets go.</param>
/// <param name="Underlay">The largest that reaches that address whole, bytes; null if it does not answer.</param>
/// <param name="Overlay">The largest that reaches the node through the tunnel; null without a tunnel, or if it does not answer.</param>
/// <param name="Fits">The MTU that pods could have on this way; null if nothing answers.</param>
internal sealed record PathMtu(string Node, string Way, string Host, int? Underlay, int? Overlay, int? Fits)
{
    /// <summary>Puts together what was found out.</summary>
    /// <param name="path">The way.</param>
    /// <param name="underlay">The largest packet to the node's address.</param>
    /// <param name="overlay">The largest packet through the tunnel.</param>
    public static PathMtu Of(Agent.Api.MtuPath path, int? underlay, int? overlay)
    {
        // A tunnel's own packets may be fragmented on the way, unseen by who sends through it: what the underlay carries counts, too.
        int? within = underlay - path.Overhead;
        int? fits = within is { } one && overlay is { } other ? Math.Min(one, other) : within ?? overlay;
        return new PathMtu(path.Node, path.Way, path.Host, underlay, overlay, fits);
    }

    /// <summary>What is wrong with pods' MTU on this way, and the remedy; null if nothing is.</summary>
    /// <param name="mtu">What pods have, bytes.</param>
    public string? FindProblem(int mtu)
    {
        const int Least = 1280;
        if (Fits is not { } fits)
            return $"{Node} at {Host} does not answer echo requests: let ICMP through between the nodes, and try again";
        if (mtu <= fits)
            return null;
        string remedy = fits < Least
            ? $"the network between the nodes must carry {Least + (Underlay - fits ?? 0)} bytes at least (RFC 8200): raise its MTU"
            : $"set mtu: {fits} in /etc/cniagent/agent.yaml of every node, restart the agents, and start the pods again";
        return $"pods have MTU {mtu}, and {fits} is the largest that passes to {Node} at {Host}: {remedy}";
    }
}
