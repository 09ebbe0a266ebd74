using Agent.Overlay;
using Linux;
using Netlink.WireGuard;

namespace Agent.Tests.Overlay;

public sealed class WireGuardKeyFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("wireguard-key-").FullName;

    private string State => Path.Combine(_directory, "state");

    private string KeyFile => Path.Combine(State, "wg.key");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Key_is_made_once_for_root_alone()
    {
        WireGuardKey made = WireGuardKeyFile.ReadOrMake(State);
        Assert.Equal($"{made}\n", File.ReadAllText(KeyFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(made, X25519.Clamp(made));
        Assert.Equal(made, WireGuardKeyFile.ReadOrMake(State));
        Assert.Equal([KeyFile], Directory.GetFiles(State));
    }

    [Fact]
    public void Each_node_makes_another() => Assert.NotEqual(
        WireGuardKeyFile.ReadOrMake(State), WireGuardKeyFile.ReadOrMake(Path.Combine(_directory, "other")));

    [Fact]
    public void Agents_that_start_together_have_one_key()
    {
        WireGuardKey[] keys = new WireGuardKey[8];
        Parallel.For(0, keys.Length, i => keys[i] = WireGuardKeyFile.ReadOrMake(State));
        Assert.Single(keys.Distinct());
        Assert.Equal([KeyFile], Directory.GetFiles(State));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MDAwMDAwMDAw\n")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    public void Damaged_file_is_named_with_the_remedy_and_left_alone(string text)
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(KeyFile, text);
        OverlayException refusal = Assert.Throws<OverlayException>(() => WireGuardKeyFile.ReadOrMake(State));
        Assert.StartsWith($"{KeyFile} has {text.Length} bytes that are no WireGuard key", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("restore the file, or remove it and start the agent again", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(KeyFile));
    }

    [Fact]
    public void Link_is_not_followed()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Path.Combine(_directory, "elsewhere"), $"{WireGuardKeyFile.ReadOrMake(Path.Combine(_directory, "other"))}");
        File.CreateSymbolicLink(KeyFile, Path.Combine(_directory, "elsewhere"));
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => WireGuardKeyFile.ReadOrMake(State)).Errno);
    }
}
