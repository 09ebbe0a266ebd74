using System.Text;
using Cni;
using Linux.Files;
using Plugins;

namespace CniPlugin;

/// <summary>What the executable does under its own name: it is the operator's tool then, and no plugin.</summary>
internal static class OperatorCommands
{
    private const string Usage =
        """
        usage: cniplugin plugins         the names of the plugins that this executable is, one a line
               cniplugin version         its version
               cniplugin prepare FILE    makes the bridges and rules of a network (.conflist or .conf) before its first pod
        As a plugin it is called through a link of the plugin's name, by a container runtime.
        """;

    // No network is longer.
    private const int MaxFileSize = 1024 * 1024;

    /// <returns>The exit status: 0, 1 if the command failed, or 2 if it does not exist.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        switch (arguments)
        {
            case ["plugins"]:
                Print(string.Join('\n', PluginTable.Types));
                return 0;
            case ["version"]:
                Print(ProductVersion.Text);
                return 0;
            case ["prepare", string file]:
                return Prepare(file);
            case [] or ["help" or "--help" or "-h"]:
                Print(Usage);
                return 0;
            default:
                StandardStreams.WriteError($"cniplugin: no command \"{string.Join(' ', arguments)}\"\n{Usage}");
                return 2;
        }
    }

    private static int Prepare(string file)
    {
        try
        {
            ProcessHost host = new();
            foreach (string made in NetworkPreparation.Run(
                [
                    .. NetworkList.Read(ReadFile(file), file)
                        .Select(plugin => (plugin.Type, CniInvocation.OfOperator(host, plugin.Configuration))),
                ]))
            {
                Print(made);
            }
            return 0;
        }
        catch (Exception e)
        {
            StandardStreams.WriteError($"cniplugin prepare {file}: {(ErrorTranslation.Translate(e) ?? e).Message}");
            return 1;
        }
    }

    private static byte[] ReadFile(string path)
    {
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking);
        return file.Status() is { IsRegular: true, Size: <= MaxFileSize }
            ? file.ReadToEnd()
            : throw new CniException(CniErrorCode.IOFailure, $"{path} is no regular file of at most {MaxFileSize} bytes");
    }

    private static void Print(string text) => StandardStreams.WriteOutput(Encoding.UTF8.GetBytes(text + "\n"));
}
