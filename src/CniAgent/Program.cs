using System.CommandLine;
using Cluster.Store;
using CniAgent.Commands;
using CniAgent.Configuration;

// One executable under two names: the agent, and the command of users, which is a link to it.
bool isControl = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == "cnictl";
RootCommand root = isControl ? CommandTree.MakeControl() : CommandTree.MakeAgent();
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
