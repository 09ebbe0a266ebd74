using Cni;
using CniPlugin;
using Linux;

// The name under which the executable was called; Environment.ProcessPath would be what a link leads to.
string[] arguments = Environment.GetCommandLineArgs();
string name = Path.GetFileName(arguments[0]);
if (PluginTable.Create(name) is { } plugin)
    return CniProgram.Run(new ProcessHost(), plugin, ErrorTranslation.Translate);
if (name == "cniplugin")
    return OperatorCommands.Run(arguments.AsSpan(1));
StandardStreams.WriteError($"{name} is no plugin of this executable; it is one of: {string.Join(", ", PluginTable.Types)}");
return 1;
