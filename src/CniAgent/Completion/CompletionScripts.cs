using System.CommandLine;
using System.Text;

namespace CniAgent.Completion;

/// <summary>
/// Scripts by which shells complete a program's command lines, made from its commands. They know all of them and run nothing.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>The shells for which there is one.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>Writes the script of a shell.</summary>
    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="root">Its commands.</param>
    public static string Write(string shell, string program, RootCommand root)
    {
        IReadOnlyList<CompletionNode> nodes = CompletionNode.All(root);
        return shell switch
        {
            "bash" => WriteBash(program, nodes),
            "zsh" => WriteZsh(program, nodes),
            "fish" => WriteFish(program, nodes),
            _ => throw new ArgumentException($"no shell {shell}", nameof(shell)),
        };
    }

    private static string WriteBash(string program, IReadOnlyList<CompletionNode> nodes)
    {
        StringBuilder text = new();
        _ = text.Append($$"""
            # bash completion of {{program}}
            _{{program}}() {
                local current=${COMP_WORDS[COMP_CWORD]} place='' words='' i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case "$place ${COMP_WORDS[i]}" in
                        {{Places(nodes)}}) place+=" ${COMP_WORDS[i]}" ;;
                    esac
                done
                case "${COMP_WORDS[COMP_CWORD - 1]}" in

            """);
        foreach ((string option, IReadOnlyList<string> known) in Values(nodes))
            _ = text.Append($"        {option}) COMPREPLY=($(compgen -W '{string.Join(' ', known)}' -- \"$current\")); return ;;\n");
        _ = text.Append("    esac\n    case \"$place\" in\n");
        foreach (CompletionNode node in nodes)
            _ = text.Append($"        '{Place(node)}') words='{string.Join(' ', node.Words.Select(static word => word.Word))}' ;;\n");
        return text.Append($$"""
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -o default -F _{{program}} {{program}}

            """).ToString();
    }

    private static string WriteZsh(string program, IReadOnlyList<CompletionNode> nodes)
    {
        StringBuilder text = new();
        _ = text.Append($$"""
            #compdef {{program}}
            # zsh completion of {{program}}
            _{{program}}() {
                local place='' word
                local -a items
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "$place $word" in
                        {{Places(nodes)}}) place+=" $word" ;;
                    esac
                done
                case "${words[CURRENT-1]}" in

            """);
        foreach ((string option, IReadOnlyList<string> known) in Values(nodes))
        {
            _ = text.Append(known.Count > 0
                ? $"        {option}) compadd -- {string.Join(' ', known)}; return ;;\n"
                : $"        {option}) _files; return ;;\n");
        }
        _ = text.Append("    esac\n    case \"$place\" in\n");
        foreach (CompletionNode node in nodes)
        {
            IEnumerable<string> items = node.Words.Select(static word => $"'{Quote($"{word.Word}:{word.Help}")}'");
            _ = text.Append($"        '{Place(node)}') items=({string.Join(' ', items)}) ;;\n");
        }
        return text.Append($$"""
                esac
                _describe {{program}} items
            }
            if [[ "$funcstack[1]" = _{{program}} ]]; then
                _{{program}} "$@"
            else
                compdef _{{program}} {{program}}
            fi

            """).ToString();
    }

    private static string WriteFish(string program, IReadOnlyList<CompletionNode> nodes)
    {
        StringBuilder text = new($"# fish completion of {program}\ncomplete -c {program} -f\n");
        foreach (CompletionNode node in nodes)
        {
            // Behind the commands that lead there, and before any that leads on.
            string[] next = [.. node.Words.Select(static word => word.Word).Where(static word => !word.StartsWith('-'))];
            List<string> conditions = [.. node.Path.Select(static command => $"__fish_seen_subcommand_from {command}")];
            if (next.Length > 0)
                conditions.Add($"not __fish_seen_subcommand_from {string.Join(' ', next)}");
            string condition = conditions.Count > 0 ? $" -n '{string.Join("; and ", conditions)}'" : "";
            foreach ((string word, string help) in node.Words)
            {
                IReadOnlyList<string>? known = node.Values.FirstOrDefault(value => value.Option == word).Known;
                string what = !word.StartsWith("--", StringComparison.Ordinal) ? $"-a {word}"
                    : known is null ? $"-l {word[2..]}"
                    : known.Count > 0 ? $"-l {word[2..]} -x -a '{string.Join(' ', known)}'"
                    : $"-l {word[2..]} -r";
                _ = text.Append($"complete -c {program}{condition} {what}{(help.Length > 0 ? $" -d '{FishQuote(help)}'" : "")}\n");
            }
        }
        return text.ToString();
    }

    private static string Places(IReadOnlyList<CompletionNode> nodes) =>
        string.Join(" | ", nodes.Where(static node => node.Path.Count > 0).Select(static node => $"'{Place(node)}'"));

    private static string Place(CompletionNode node) => string.Concat(node.Path.Select(static command => $" {command}"));

    private static IEnumerable<(string Option, IReadOnlyList<string> Known)> Values(IReadOnlyList<CompletionNode> nodes) =>
        nodes.SelectMany(static node => node.Values).DistinctBy(static value => value.Option);

    private static string Quote(string text) => text.Replace("'", "'\\''", StringComparison.Ordinal);

    private static string FishQuote(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
