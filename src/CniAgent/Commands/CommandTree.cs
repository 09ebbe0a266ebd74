using System.CommandLine;
using CniAgent.Configuration;

namespace CniAgent.Commands;

/// <summary>All commands, from which also the completions and the manual pages are made.</summary>
internal static class CommandTree
{
    /// <summary>Those of <c>cnictl</c>.</summary>
    public static RootCommand MakeControl()
    {
        Option<string> runtimeDirectory = new("--runtime-dir")
        {
            Description = "where the agent has its socket",
            DefaultValueFactory = static _ => new AgentConfig().RuntimeDir,
            Recursive = true,
        };
        ShowCommands show = new(Connect);
        ChangeCommands change = new(Connect);
        NodeCommands node = new(Connect);
        RootCommand root = new("Shows and changes what the nodes of a cluster do.") { runtimeDirectory };
        foreach (Command command in show.Make())
            root.Add(command);
        root.Add(new Command("describe", "all that is known of one thing") { node.MakeDescribe() });
        root.Add(new Command("network", "networks of the cluster")
        {
            show.MakeNetworkList(), change.MakeNetworkCreate(), change.MakeNetworkDelete(),
        });
        root.Add(new Command("node", "nodes of the cluster") { node.MakeForget(), node.MakeRepair() });
        foreach (Command command in new ReservationCommands(Connect).Make())
            root.Add(command);
        root.Add(MtuCommand.Make(Connect));
        root.Add(new Command("etcd", "the store") { EtcdRolesCommand.Make() });
        root.Add(CompletionCommand.Make(MakeControl));
        return root;

        AgentClient Connect(ParseResult arguments) => new(AgentSettings.SocketIn(arguments.GetValue(runtimeDirectory)!));
    }

    /// <summary>Those of <c>cniagent</c>.</summary>
    public static RootCommand MakeAgent() => new("Joins the pods of many hosts.") { RunCommand.Make(), ManualCommand.Make() };
}
