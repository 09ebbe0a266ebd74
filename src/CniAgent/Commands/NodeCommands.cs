using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agent.Api;
using CniAgent.Output;

namespace CniAgent.Commands;

/// <summary>The commands of <c>cnictl</c> about one node.</summary>
/// <param name="connect">Reaches the agent.</param>
internal sealed class NodeCommands(Func<ParseResult, AgentClient> connect)
{
    /// <summary><c>cnictl describe node [NAME]</c></summary>
    public Command MakeDescribe()
    {
        Argument<string?> name = new("name")
        {
            Description = "its name; this node's without it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> json = new("--json") { Description = "as JSON" };
        Command command = new("node", "all that this node's agent knows of a node") { name, json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            string node = arguments.GetValue(name) ?? await FindOwnNameAsync(agent, cancel);
            NodeDescription description = await agent.GetAsync(
                $"v1/nodes/{Uri.EscapeDataString(node)}", ApiJson.Default.NodeDescription, cancel);
            await Console.Out.WriteAsync(arguments.GetValue(json)
                ? $"{JsonSerializer.Serialize(description, ApiJson.Default.NodeDescription)}\n"
                : Format(description));
            return 0;
        });
        return command;
    }

    /// <summary><c>cnictl node forget NAME</c></summary>
    public Command MakeForget()
    {
        Argument<string> name = new("name") { Description = "its name" };
        Option<bool> json = new("--json") { Description = "as JSON" };
        Command command = new("forget", "give back the blocks of a node that will not come again") { name, json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            ForgottenNode forgotten = await agent.SendAsync(
                HttpMethod.Post,
                $"v1/nodes/{Uri.EscapeDataString(arguments.GetValue(name)!)}/forget",
                ApiJson.Default.ForgottenNode,
                cancel);
            await Console.Out.WriteLineAsync(arguments.GetValue(json)
                ? JsonSerializer.Serialize(forgotten, ApiJson.Default.ForgottenNode)
                : $"node {forgotten.Node} forgotten; given back: {string.Join(", ", forgotten.Blocks)}");
            return 0;
        });
        return command;
    }

    /// <summary><c>cnictl node repair NAME|--self</c></summary>
    public Command MakeRepair()
    {
        Argument<string?> name = new("name") { Description = "its name", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> self = new("--self") { Description = "this node" };
        Option<bool> json = new("--json") { Description = "as JSON" };
        Command command = new(
            "repair",
            "give a node the blocks that an earlier one of its name had, which is the same host; claim again what the store has lost; "
            + "write its lists again; and say what was done")
        { name, self, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is null != result.GetValue(self))
                result.AddError("Name the node, or give --self for this one; not both.");
        });
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            string node = arguments.GetValue(name) ?? await FindOwnNameAsync(agent, cancel);
            RepairedNode repaired = await agent.SendAsync(
                HttpMethod.Post, $"v1/nodes/{Uri.EscapeDataString(node)}/repair", ApiJson.Default.RepairedNode, cancel);
            await Console.Out.WriteAsync(arguments.GetValue(json)
                ? $"{JsonSerializer.Serialize(repaired, ApiJson.Default.RepairedNode)}\n"
                : Format(repaired));
            return repaired.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<string> FindOwnNameAsync(AgentClient agent, CancellationToken cancel) =>
        (await agent.GetAsync("v1/status", ApiJson.Default.NodeStatusReport, cancel)).Node;

    private static string Format(RepairedNode repaired) =>
        (repaired.Done.Count == 0 ? $"node {repaired.Node}: nothing was to be done\n" : "")
        + string.Concat(repaired.Done.Select(static done => $"{done}\n"))
        + string.Concat(repaired.Problems.Select(static problem => $"problem: {problem}\n"));

    private static string Format(NodeDescription node)
    {
        Table head = new("NAME", node.Name);
        head.Add("STATE", node.IsSelf ? "this node" : node.IsAlive ? "alive" : "gone");
        head.Add("ADDRESSES", OrNone(string.Join(", ", node.Addresses)));
        head.Add("AGENT", OrNone(node.Version));
        head.Add("IDENTITY", OrNone(node.Identity));
        if (node.IsSelf)
            head.Add("MTU", node.Mtu is { } mtu ? $"{mtu}" : "not known yet");
        head.Add("NETWORKS", OrNone(string.Join(", ", node.Blocks.Select(static block => block.Network).Distinct())));
        Table blocks = new("NETWORK", "HELD", "SIZE", "RESERVED", "BLOCK");
        foreach (BlockDescription block in node.Blocks)
        {
            blocks.Add(
                block.Network,
                Count(block.Held),
                block.Size.ToString("0.###e+0", CultureInfo.InvariantCulture) is var large && block.Size > 1e9 ? large : $"{block.Size:0}",
                Count(block.Reserved),
                block.IsOwn ? block.Block : $"{block.Block} (of another node of this name)");
        }
        Table ways = new("NODE", "WAY", "VIA", "BLOCK");
        foreach (WayEntry way in node.Ways)
            ways.Add(way.Node, way.Way, way.Host, way.Block);
        return $"{head}"
            + (node.Blocks.Count > 0 ? $"\n{blocks}" : "")
            + (node.Ways.Count > 0 ? $"\n{ways}" : "")
            + (node.Problems.Count > 0 ? "\n" : "")
            + string.Concat(node.Problems.Select(static problem => $"problem: {problem}\n"));
    }

    private static string OrNone(string text) => text.Length > 0 ? text : "-";

    private static string Count(int? number) => number is { } known ? $"{known}" : "-";
}
