using System.CommandLine;
using CniAgent.Completion;

namespace CniAgent.Commands;

/// <summary><c>cnictl completion SHELL</c></summary>
internal static class CompletionCommand
{
    /// <summary>Makes it.</summary>
    /// <param name="makeRoot">Makes the commands that are to be completed.</param>
    public static Command Make(Func<RootCommand> makeRoot)
    {
        Argument<string> shell = new("shell") { Description = string.Join(", ", CompletionScripts.Shells) };
        _ = shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        Command command = new("completion", "print the script by which a shell completes cnictl; source it") { shell };
        command.SetAction(async (arguments, cancel) =>
        {
            string script = CompletionScripts.Write(arguments.GetValue(shell)!, "cnictl", makeRoot());
            await Console.Out.WriteAsync(script.AsMemory(), cancel);
            return 0;
        });
        return command;
    }
}
