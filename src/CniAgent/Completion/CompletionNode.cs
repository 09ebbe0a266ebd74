using System.CommandLine;
using System.CommandLine.Completions;

namespace CniAgent.Completion;

/// <summary>A place in a command line, and what may come next.</summary>
/// <param name="Path">The commands until there, without the program's name; empty at its beginning.</param>
/// <param name="Words">Commands and options that may follow, each with what it does.</param>
/// <param name="Values">Options that have a value, each with the values that are known; often none.</param>
internal sealed record CompletionNode(
    IReadOnlyList<string> Path,
    IReadOnlyList<(string Word, string Help)> Words,
    IReadOnlyList<(string Option, IReadOnlyList<string> Known)> Values)
{
    /// <summary>All places in the command lines of a program.</summary>
    public static IReadOnlyList<CompletionNode> All(RootCommand root)
    {
        List<CompletionNode> nodes = [];
        Walk(root, [], [.. root.Options.Where(static option => option.Recursive)], nodes);
        return nodes;
    }

    private static void Walk(Command command, IReadOnlyList<string> path, IReadOnlyList<Option> recursive, List<CompletionNode> nodes)
    {
        Option[] options = [.. command.Options.Union(recursive).Where(static option => !option.Hidden)];
        Command[] commands = [.. command.Subcommands.Where(static command => !command.Hidden)];
        nodes.Add(new CompletionNode(
            path,
            [
                .. commands.Select(static command => (command.Name, command.Description ?? "")),
                .. command.Arguments.SelectMany(Known).Select(static word => (word, "")),
                .. options.Select(static option => (option.Name, option.Description ?? "")),
            ],
            [.. options.Where(static option => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool))
                .Select(static option => (option.Name, (IReadOnlyList<string>)[.. Known(option)]))]));
        foreach (Command child in commands)
            Walk(child, [.. path, child.Name], recursive, nodes);
    }

    private static IEnumerable<string> Known(Symbol symbol) =>
        symbol.GetCompletions(CompletionContext.Empty).Select(static item => item.Label);
}
