using System.Diagnostics;

namespace Ipam.Tests.Store;

/// <summary>
/// Writes that fail, at any length that a file may have: another process has a limit (RLIMIT_FSIZE), and ignores the signal.
/// </summary>
public class FullDiskTests
{
    // Units of 512 bytes, as dash counts them. The filter has 512, an empty store 112, a journal two.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(300)]
    public void First_call_that_finds_no_room_says_so_and_holds_nothing(int limit)
    {
        using TestNetwork network = new();
        string[] lines = Run(network, limit, "a", 3);
        Assert.All(lines, line => Assert.Matches("^! a-[012] StoreBroken .*EFBIG", line));
        Assert.Empty(network.Store.List());
        Assert.Equal("10.0.0.2/20", network.Add("b", "10.0.0.0/20"));
        Assert.Empty(network.Store.Verify());
    }

    /// <summary>Calls succeed until the journal or the data file reaches the limit.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(112)]
    [InlineData(120)]
    [InlineData(128)]
    [InlineData(144)]
    public void Call_that_fails_holds_nothing_and_the_next_ones_go_on(int limit)
    {
        using TestNetwork network = new();
        HashSet<string> held = [];
        for (int i = 0; i < 3; i++)
            held.Add($"id{i} {network.Add($"id{i}", "10.0.0.0/20").Split('/')[0]}");
        string[] lines = Run(network, limit, "limited", 120);
        Assert.Equal(120, lines.Length);
        foreach (string line in lines.Where(line => line.StartsWith('+')))
            Assert.True(held.Add(line[2..]));
        Assert.All(lines.Where(line => line.StartsWith('!')), line => Assert.Contains("StoreBroken", line, StringComparison.Ordinal));
        Assert.Equal(held.Order(), network.Store.List().Select(lease => $"{lease.Key.ContainerId} {lease.Addresses[0].Address}").Order());
        Assert.Empty(network.Store.Verify());
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));
    }

    private static string[] Run(TestNetwork network, int limit, string name, int count)
    {
        // The runtime's own memory files have no limit that way.
        using Process worker = Worker.Start(
            network, name, count, releases: false,
            "env", "DOTNET_EnableWriteXorExecute=0", "sh", "-c", $"trap '' XFSZ; ulimit -f {limit}; exec \"$0\"");
        string[] lines = worker.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        worker.WaitForExit();
        Assert.Equal(0, worker.ExitCode);
        return lines;
    }
}
