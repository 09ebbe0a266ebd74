using Cni;
using CniPlugin;
using Dhcp.Daemon;
using Linux.Processes;
using Plugins;
using Plugins.Ipam.Dhcp;

Signals.IgnoreFileSizeLimit();
// The name under which the executable was called; Environment.ProcessPath would be what a link leads to.
string[] arguments = Environment.GetCommandLineArgs();
string name = Path.GetFileName(arguments[0]);
if (name == DhcpPlugin.TypeName && arguments is [_, "daemon", ..])
    return DhcpDaemon.Run(arguments.AsSpan(2));
if (PluginTable.Create(name) is { } plugin)
    return CniProgram.Run(new ProcessHost(), plugin, ErrorTranslation.Translate);
if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CNI_COMMAND")))
    return OperatorCommands.Run(arguments.AsSpan(1));
return CniProgram.Run(new ProcessHost(), PluginOfLink.Find(arguments[0]) ?? new PluginByType(name), ErrorTranslation.Translate);
