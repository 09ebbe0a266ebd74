using Agent.Blocks;
using Agent.Overlay;
using Cluster.Objects;
using Linux.Addresses;
using Microsoft.AspNetCore.Http;

namespace Agent.Api;

/// <summary>All that this agent knows of a node: of its own what it does, of another what the store says, and how it is reached.</summary>
/// <param name="agent">The agent.</param>
internal sealed class NodeDescriptions(NodeAgent agent)
{
    /// <summary>Describes a node.</summary>
    /// <exception cref="ApiException">There is no such node.</exception>
    public NodeDescription Describe(string name)
    {
        NodeStatusReport report = agent.Report;
        bool isSelf = name == report.Node;
        Node? alive = agent.View.Nodes.FirstOrDefault(node => node.Metadata.Name == name);
        (string Network, BlockOwner Owner)[] blocks =
        [
            .. agent.View.Blocks.OrderBy(static network => network.Key, StringComparer.Ordinal)
                .SelectMany(static network => network.Value.Select(owner => (network.Key, owner)))
                .Where(block => block.owner.Node == name),
        ];
        if (!isSelf && alive is null && blocks.Length == 0)
            throw new ApiException(StatusCodes.Status404NotFound, $"there is no node {name}: cnictl nodes shows those there are");
        string identity = isSelf ? agent.Self.Identity : alive?.Identity ?? "";
        return new NodeDescription(
            name,
            isSelf,
            alive is not null,
            isSelf ? report.Addresses : [.. (alive?.InternalAddresses ?? []).Select(IpText.Format)],
            isSelf ? report.Version : alive?.AgentVersion ?? "",
            identity,
            agent.Mtu,
            [.. blocks.Select(block => Describe(block.Network, block.Owner, isSelf ? report : null, new BlockHolder(name, identity)))],
            [
                .. agent.Ways.Where(way => isSelf || way.Node == name).Select(static way =>
                    new WayEntry(way.Node, $"{way.Block}", way.Backend.Name, IpText.Format(way.Host))),
            ],
            isSelf
                ? report.Problems
                : [.. report.Problems.Where(problem => problem.StartsWith($"node {name} ", StringComparison.Ordinal))]);
    }

    /// <summary>The ways to nodes that are alive, for whoever looks how large packets pass.</summary>
    public MtuReport DescribeMtu()
    {
        HashSet<string> alive = [.. agent.View.Nodes.Select(static node => node.Metadata.Name)];
        return new MtuReport(
            agent.Mtu,
            [
                .. agent.Ways.Where(way => alive.Contains(way.Node)).GroupBy(static way => (way.Node, way.Host, way.Backend, way.Overhead))
                    .OrderBy(static path => path.Key.Node, StringComparer.Ordinal)
                    .Select(path => new MtuPath(
                        path.Key.Node,
                        path.Key.Backend.Name,
                        IpText.Format(path.Key.Host),
                        path.Key.Overhead,
                        [
                            .. path.Where(static way => way.Backend != OverlayBackend.HostGateway)
                                .Select(static way => BlockAddresses.OfNode(way.Block))
                                .OfType<System.Net.IPAddress>().Select(IpText.Format),
                        ])
                    {
                        Mtu = agent.MtuOf(path.Key.Backend),
                    }),
            ]);
    }

    private static BlockDescription Describe(string network, BlockOwner owner, NodeStatusReport? report, BlockHolder node)
    {
        BlockReport? known = report?.Networks.FirstOrDefault(other => other.Name == network)?.Blocks
            .FirstOrDefault(block => block.Block == $"{owner.Block}");
        return new BlockDescription(
            network, $"{owner.Block}", known?.Held, BlockAddresses.CountOfPods(owner.Block), known?.Reserved, owner.Holder.Is(node));
    }
}
