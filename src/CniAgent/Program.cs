using System.CommandLine;
using Cluster.Store;
using CniAgent.Commands;
using CniAgent.Configuration;

// One executable under two names: the agent, and the command of users, which is a link to it.
bool isControl = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == "cnictl";
Option<string> runtimeDirectory = new("--runtime-dir")
{
    Description = "where the agent has its socket",
    DefaultValueFactory = static _ => new AgentConfig().RuntimeDir,
    Recursive = true,
};
RootCommand root = new(isControl ? "Shows and changes what the nodes of a cluster do." : "Joins the pods of many hosts.");
if (isControl)
{
    root.Add(runtimeDirectory);
    ShowCommands show = new(Connect);
    ChangeCommands change = new(Connect);
    foreach (Command command in show.Make())
        root.Add(command);
    root.Add(new Command("network", "networks of the cluster")
    {
        show.MakeNetworkList(), change.MakeNetworkCreate(), change.MakeNetworkDelete(),
    });
    root.Add(new Command("node", "nodes of the cluster") { change.MakeNodeForget() });
}
else
{
    root.Add(RunCommand.Make());
}
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is ConfigException or CommandException or StoreException or Agent.Overlay.OverlayException
    or Linux.LinuxException or Netlink.NetlinkException)
{
    await Console.Error.WriteLineAsync($"{(isControl ? "cnictl" : "cniagent")}: {e.Message}");
    return 1;
}

AgentClient Connect(ParseResult arguments) => new(AgentSettings.SocketIn(arguments.GetValue(runtimeDirectory)!));
