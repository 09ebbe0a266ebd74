using TestKit;

namespace Netlink.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_program_in_the_readme_is_the_one_that_is_built_and_run()
    {
        string readme = File.ReadAllText(Path.Combine(SourceTree.Root, "src/Netlink/README.md"));
        string program = File.ReadAllText(Path.Combine(SourceTree.Root, "samples/Netlink.QuickStart/Program.cs"));
        Assert.Equal(program, readme.Split("```csharp\n")[1].Split("```")[0]);
    }
}
