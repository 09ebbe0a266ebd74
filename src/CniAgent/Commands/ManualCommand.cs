using System.CommandLine;
using CniAgent.Manual;

namespace CniAgent.Commands;

/// <summary><c>cniagent man DIRECTORY</c>: for whoever installs or packs it.</summary>
internal static class ManualCommand
{
    /// <summary>Makes it.</summary>
    public static Command Make()
    {
        Argument<string> directory = new("directory") { Description = "where they are written" };
        Command command = new("man", "write the manual pages of cniagent, cnictl and agent.yaml into a directory") { directory };
        command.SetAction(async (arguments, cancel) =>
        {
            string target = arguments.GetValue(directory)!;
            try
            {
                _ = Directory.CreateDirectory(target);
                foreach (ManualPage page in ManualPages.Make(CommandTree.MakeControl(), CommandTree.MakeAgent()))
                    await File.WriteAllTextAsync(Path.Combine(target, page.FileName), page.ToString(), cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{target} cannot be written: {e.Message}", e);
            }
            return 0;
        });
        return command;
    }
}
