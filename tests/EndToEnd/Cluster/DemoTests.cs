using EndToEnd.Sandbox;
using TestKit;

namespace EndToEnd.Cluster;

/// <summary>The first minute of somebody who tries this: scripts/demo.sh.</summary>
public sealed class DemoTests : IDisposable
{
    // In a sandbox, so that what other tests do at the same time is not taken for what the script leaves.
    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Demonstration_joins_pods_of_three_hosts_and_leaves_nothing()
    {
        ClusterSandbox.RequireEtcd();
        string files = Directory.CreateDirectory(Path.Combine(_sandbox.Directory, "tmp")).FullName;
        string before = Remains();

        string output = _sandbox.Run("env", $"TMPDIR={files}", "bash", SourceTree.File("scripts/demo.sh", "restore it"));

        for (int from = 1; from <= 3; from++)
        {
            for (int to = 1; to <= 3; to++)
            {
                if (from != to)
                    Assert.Equal(2, output.Split($"\npod{from} -> pod{to} ").Length - 1);
            }
        }
        Assert.EndsWith("Pods of three hosts reached each other; all of it is removed.\n", output, StringComparison.Ordinal);
        Assert.Equal(before, Remains());
        Assert.Empty(Directory.EnumerateFileSystemEntries(files));
    }

    // Of the sandbox's own pid namespace; a namespace lives by a process, by a file, or by a mount.
    private string Remains() => _sandbox.Run(
        "sh", "-euc",
        """
        ip -o link show | awk '{ print "link", $2 }'
        find /run/netns -type f
        cut -d ' ' -f 5 /proc/self/mountinfo | sort
        processes=$(ps -eo args=)
        echo "$processes"
        """);
}
