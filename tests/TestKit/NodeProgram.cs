using System.Diagnostics;
using Linux.Namespaces;

namespace TestKit;

/// <summary>The node's own programs, run in a network namespace of the test.</summary>
public static class NodeProgram
{
    /// <summary>Runs a shell script; what it prints. Any failing command fails the test.</summary>
    public static string Run(NetworkNamespace networkNamespace, string script)
    {
        (int exitCode, string output) = TryRun(networkNamespace, script);
        Assert.True(exitCode == 0, $"{script}\n{output}");
        return output;
    }

    /// <summary>Runs a shell script; its exit status and all that it prints.</summary>
    public static (int ExitCode, string Output) TryRun(NetworkNamespace networkNamespace, string script) => networkNamespace.Run(() =>
    {
        // A child inherits the namespace of the thread that starts it.
        ProcessStartInfo start = new("sh", ["-euc", $"exec 2>&1\n{script}"]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        using Process shell = Process.Start(start)!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, output);
    });

    /// <summary>
    /// Whether one echo request, sent once, is answered within two seconds: a neighbour is asked for once more after one (RFC 4861, 10).
    /// </summary>
    public static bool Pings(NetworkNamespace from, string address) => TryRun(from, $"ping -n -c1 -W2 {address}").ExitCode == 0;
}
