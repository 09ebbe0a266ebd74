using System.CommandLine;
using System.Diagnostics;
using CniAgent.Commands;
using CniAgent.Completion;

namespace CniAgent.Tests.Completion;

/// <summary>Scripts of shells, tried in the shells that are there.</summary>
public sealed class CompletionScriptsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("completion-");

    public void Dispose() => _directory.Delete(recursive: true);

    public static TheoryData<string> Shells => [.. CompletionScripts.Shells];

    [Theory]
    [MemberData(nameof(Shells))]
    public void Shell_finds_no_mistake_in_its_script(string shell)
    {
        if (!File.Exists($"/usr/bin/{shell}") && !File.Exists($"/bin/{shell}"))
            Assert.Skip($"needs {shell}");
        _ = Run(shell, "-n", WriteScript(shell));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void All_commands_and_options_are_there(string shell)
    {
        string script = CompletionScripts.Write(shell, "cnictl", CommandTree.MakeControl());
        foreach (Command command in Commands(CommandTree.MakeControl()))
        {
            Assert.Contains(command.Name, script, StringComparison.Ordinal);
            Assert.All(command.Options, option => Assert.Contains(option.Name.TrimStart('-'), script, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("cnictl net", "network networks")]
    [InlineData("cnictl network ", "list create delete --runtime-dir")]
    [InlineData("cnictl network create web --backend ", "auto vxlan host-gw wireguard")]
    [InlineData("cnictl network create web --backend vx", "vxlan")]
    [InlineData("cnictl network create web --ipv4-block-length 26 --ip", "--ipv4-block-length --ipv6-block-length")]
    [InlineData("cnictl node repair --se", "--self")]
    [InlineData("cnictl completion ", "bash zsh fish --runtime-dir")]
    public void Bash_completes_what_was_begun(string line, string completions)
    {
        string[] words = line.Split(' ');
        string quoted = string.Join(' ', words.Select(static word => $"'{word}'"));
        string script = $"source '{WriteScript("bash")}'; COMP_WORDS=({quoted}) COMP_CWORD={words.Length - 1}; _cnictl";
        string answer = Run("bash", "-euc", $"{script}; echo \"${{COMPREPLY[@]}}\"");
        string[] offered = [.. answer.Split(' ', '\n').Where(static word => word is not ("" or "--help" or "-h" or "-?" or "/?" or "/h"))];
        Assert.Equal(completions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), offered.Order());
    }

    private static IEnumerable<Command> Commands(Command command) =>
        command.Subcommands.SelectMany(static child => Commands(child).Prepend(child));

    private string WriteScript(string shell)
    {
        string path = Path.Combine(_directory.FullName, shell);
        File.WriteAllText(path, CompletionScripts.Write(shell, "cnictl", CommandTree.MakeControl()));
        return path;
    }

    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && errors.Result.Length == 0, errors.Result);
        return output;
    }
}
