using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agent;
using Agent.Api;
using Cluster.Objects;
using CniAgent.Output;

namespace CniAgent.Commands;

/// <summary>The commands of <c>cnictl</c> that show something.</summary>
/// <param name="connect">Reaches the agent.</param>
internal sealed class ShowCommands(Func<ParseResult, AgentClient> connect)
{
    private readonly Option<bool> _json = new("--json") { Description = "as JSON" };

    /// <summary>Makes them.</summary>
    public IEnumerable<Command> Make() =>
    [
        Show("status", "what this node does, and what is wrong", "v1/status", ApiJson.Default.NodeStatusReport, Format),
        Show("nodes", "the nodes of the cluster", "v1/nodes", ApiJson.Default.IReadOnlyListNodeEntry, Format),
        Show("networks", "the networks of the cluster", "v1/networks", ApiJson.Default.IReadOnlyListNetwork, Format),
        Show("blocks", "which node has which addresses", "v1/blocks", ApiJson.Default.IReadOnlyListBlockEntry, Format),
    ];

    /// <summary><c>cnictl network list</c>, which is the same as <c>cnictl networks</c>.</summary>
    public Command MakeNetworkList() =>
        Show("list", "the networks of the cluster", "v1/networks", ApiJson.Default.IReadOnlyListNetwork, Format);

    private Command Show<T>(string name, string help, string path, JsonTypeInfo<T> type, Func<T, string> format)
    {
        Command command = new(name, help) { _json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            T value = await agent.GetAsync(path, type, cancel);
            await Console.Out.WriteAsync(arguments.GetValue(_json) ? $"{JsonSerializer.Serialize(value, type)}\n" : format(value));
            return 0;
        });
        return command;
    }

    private static string Format(NodeStatusReport report)
    {
        Table networks = new("NETWORK", "HELD", "BLOCK");
        foreach (NetworkReport network in report.Networks)
        {
            foreach (BlockReport block in network.Blocks)
                networks.Add(network.Name, $"{block.Held}", block.Block);
        }
        string problems = report.Problems.Count == 0
            ? "all is well\n"
            : string.Concat(report.Problems.Select(static problem => $"problem: {problem}\n"));
        return $"node {report.Node} of cluster {report.Cluster}, at {string.Join(", ", report.Addresses)}, agent {report.Version}\n"
            + problems + (report.Networks.Any(static network => network.Blocks.Count > 0) ? $"\n{networks}" : "");
    }

    private static string Format(IReadOnlyList<NodeEntry> nodes)
    {
        Table table = new("NODE", "STATE", "BLOCKS", "AGENT", "ADDRESSES");
        foreach (NodeEntry node in nodes)
            table.Add(node.Name, node.IsAlive ? "alive" : "gone", $"{node.Blocks}", node.Version, string.Join(",", node.Addresses));
        return table.ToString();
    }

    private static string Format(IReadOnlyList<Network> networks)
    {
        Table table = new("NETWORK", "BACKEND", "BLOCKS", "POOLS");
        foreach (Network network in networks)
        {
            table.Add(
                network.Metadata.Name,
                network.Spec.Backend ?? "auto",
                string.Join(",", network.Spec.ReadPools().Select(static pool => $"/{pool.BlockLength}").Distinct()),
                string.Join(",", network.Spec.Pools));
        }
        return table.ToString();
    }

    private static string Format(IReadOnlyList<BlockEntry> blocks)
    {
        Table table = new("NETWORK", "NODE", "STATE", "BLOCK");
        foreach (BlockEntry block in blocks)
            table.Add(block.Network, block.Node, block.IsAlive ? "alive" : "gone", block.Block);
        return table.ToString();
    }
}
