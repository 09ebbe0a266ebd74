using System.CommandLine;
using System.Diagnostics;
using CniAgent.Commands;
using CniAgent.Configuration;
using CniAgent.Manual;

namespace CniAgent.Tests.Manual;

public sealed class ManualPagesTests
{
    private static IReadOnlyList<ManualPage> Pages => ManualPages.Make(CommandTree.MakeControl(), CommandTree.MakeAgent());

    private static string Page(string file) =>
        Pages.Single(page => page.FileName == file).ToString().Replace("\\-", "-", StringComparison.Ordinal);

    [Fact]
    public void Every_command_and_every_option_has_its_place()
    {
        AssertNamed(Page("cnictl.1"), CommandTree.MakeControl(), "cnictl");
        AssertNamed(Page("cniagent.8"), CommandTree.MakeAgent(), "cniagent");
    }

    [Fact]
    public void Every_key_has_its_place()
    {
        string page = Page("agent.yaml.5");
        Assert.All(AgentConfig.Keys, key => Assert.Contains($"\\fB{key.Name}\\fR\n{key.Help}", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cnictl.1")]
    [InlineData("cniagent.8")]
    [InlineData("agent.yaml.5")]
    public async Task Groff_has_nothing_to_complain_of(string file)
    {
        if (!File.Exists("/usr/bin/groff"))
            Assert.Skip("needs groff");
        ProcessStartInfo start = new("groff", ["-ww", "-man", "-Tascii", "-P-c", "-P-b", "-P-u"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process groff = Process.Start(start)!;
        Task<string> errors = groff.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = groff.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        groff.StandardInput.Write(Pages.Single(page => page.FileName == file).ToString());
        groff.StandardInput.Close();
        Assert.Equal("", await errors);
        Assert.Contains("SYNOPSIS", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_would_be_macros_are_text()
    {
        ManualPage page = new("a", 1, "1", "b");
        page.Paragraph(".de nothing\n'so file\n\\*x -y");
        Assert.EndsWith(".PP\n\\&.de nothing\n\\&'so file\n\\e*x \\-y\n", page.ToString(), StringComparison.Ordinal);
    }

    private static void AssertNamed(string page, Command command, string path)
    {
        foreach (Command child in command.Subcommands)
        {
            string name = $"{path} {child.Name}";
            if (child.Subcommands.Count == 0)
                Assert.Contains($".SS \"{name}", page, StringComparison.Ordinal);
            Assert.All(child.Options, option => Assert.Contains($"\\fB{option.Name}\\fR", page, StringComparison.Ordinal));
            AssertNamed(page, child, name);
        }
    }
}
