using System.Text;
using Linux;

namespace CniPlugin;

/// <summary>What the executable does under its own name: it is the operator's tool then, and no plugin.</summary>
internal static class OperatorCommands
{
    private const string Usage =
        """
        usage: cniplugin plugins    the names of the plugins that this executable is, one a line
               cniplugin version    its version
        As a plugin it is called through a link of the plugin's name, by a container runtime.
        """;

    /// <returns>The exit status: 0, or 2 for a command that does not exist.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        switch (arguments)
        {
            case ["plugins"]:
                Print(string.Join('\n', PluginTable.Types));
                return 0;
            case ["version"]:
                Print(Cni.ProductVersion.Text);
                return 0;
            case [] or ["help" or "--help" or "-h"]:
                Print(Usage);
                return 0;
            default:
                StandardStreams.WriteError($"cniplugin: no command \"{string.Join(' ', arguments)}\"\n{Usage}");
                return 2;
        }
    }

    private static void Print(string text) => StandardStreams.WriteOutput(Encoding.UTF8.GetBytes(text + "\n"));
}
