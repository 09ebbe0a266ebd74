using System.Diagnostics;

namespace TestKit;

/// <summary>A network namespace that ends with the only process in it, so that it is gone for certain afterwards.</summary>
public sealed class MortalPod : IDisposable
{
    private readonly Process _process = Process.Start(new ProcessStartInfo("unshare")
    {
        ArgumentList = { "--net", "sh", "-c", "echo ready; exec sleep 600" },
        RedirectStandardOutput = true,
    })!;

    public MortalPod() => Assert.Equal("ready", _process.StandardOutput.ReadLine());

    /// <summary>CNI_NETNS.</summary>
    public string Path => $"/proc/{_process.Id}/ns/net";

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
