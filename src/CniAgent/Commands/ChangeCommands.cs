using System.CommandLine;
using Agent.Overlay;
using Cluster.Objects;

namespace CniAgent.Commands;

/// <summary>The commands of <c>cnictl</c> that change something.</summary>
/// <param name="connect">Reaches the agent.</param>
internal sealed class ChangeCommands(Func<ParseResult, AgentClient> connect)
{
    /// <summary><c>cnictl network create NAME --pool PREFIX…</c></summary>
    public Command MakeNetworkCreate()
    {
        Argument<string> name = new("name") { Description = "its name" };
        Option<string[]> pools = new("--pool") { Description = "where its addresses come from; once for each prefix", Required = true };
        Option<int?> length4 = new("--ipv4-block-length") { Description = "of the blocks that nodes claim; default 26" };
        Option<int?> length6 = new("--ipv6-block-length") { Description = "of the blocks that nodes claim; default 122" };
        Option<string?> backend = new("--backend") { Description = "auto (default), vxlan, host-gw or wireguard (encrypted)" };
        backend.CompletionSources.Add([.. OverlayBackends.Names]);
        Option<bool> force = new("--force") { Description = "also if a pool overlaps with this node's routes" };
        Command command = new("create", "make a network for all nodes") { name, pools, length4, length6, backend, force };
        command.SetAction(async (arguments, cancel) =>
        {
            Network network = new()
            {
                Metadata = new ObjectMeta { Name = arguments.GetValue(name)! },
                Spec = new NetworkSpec
                {
                    Pools = arguments.GetValue(pools)!,
                    IPv4BlockLength = arguments.GetValue(length4),
                    IPv6BlockLength = arguments.GetValue(length6),
                    Backend = arguments.GetValue(backend),
                },
            };
            IReadOnlyList<string> problems = network.FindProblems();
            if (problems.Count > 0)
                throw new CommandException(string.Join("; ", problems));
            using AgentClient agent = connect(arguments);
            string path = $"v1/networks/{network.Metadata.Name}{(arguments.GetValue(force) ? "?force" : "")}";
            await agent.DoAsync(HttpMethod.Put, path, ObjectJson.Write(network), cancel);
            await Console.Out.WriteLineAsync(
                $"network {network.Metadata.Name} made; each node writes its list when it has claimed a block");
            return 0;
        });
        return command;
    }

    /// <summary><c>cnictl network delete NAME</c></summary>
    public Command MakeNetworkDelete()
    {
        Argument<string> name = new("name") { Description = "its name" };
        Command command = new("delete", "delete a network; its blocks are given back when no pod has an address of them") { name };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            await agent.DoAsync(HttpMethod.Delete, $"v1/networks/{Uri.EscapeDataString(arguments.GetValue(name)!)}", null, cancel);
            await Console.Out.WriteLineAsync($"network {arguments.GetValue(name)} deleted; pods that are there keep their addresses");
            return 0;
        });
        return command;
    }
}
