using System.Diagnostics;
using Linux.Namespaces;

namespace TestKit;

/// <summary>Debian's tc, for what the tests compare with and for what other programs may have done.</summary>
public static class TcProgram
{
    /// <summary>Runs tc in a network namespace; it must succeed.</summary>
    /// <param name="networkNamespace">Where.</param>
    /// <param name="arguments">With spaces between them; 'one with spaces' stands in quotes.</param>
    public static string Run(NetworkNamespace networkNamespace, string arguments) => networkNamespace.Run(() =>
    {
        using Process tc = Process.Start(new ProcessStartInfo("sh", ["-c", $"/sbin/tc {arguments}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string output = tc.StandardOutput.ReadToEnd();
        string problem = tc.StandardError.ReadToEnd();
        tc.WaitForExit();
        Assert.True(tc.ExitCode == 0, $"tc {arguments}: {problem}");
        return output;
    });
}
