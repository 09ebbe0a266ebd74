namespace EndToEnd.Sandbox;

/// <summary>What a finished command left: its line, exit status (128 + signal when killed), and both outputs, whole.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    public CommandResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, ToString());
        return this;
    }

    public override string ToString() => $"$ {Command}\nexit status {ExitCode}\n{Output}{Error}";
}
