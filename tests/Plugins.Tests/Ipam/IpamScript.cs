namespace Plugins.Tests.Ipam;

/// <summary>An IPAM plugin of another make in a directory of its own: it writes its calls down and answers as it is told.</summary>
internal sealed class IpamScript : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ipam-script-");

    /// <param name="result">The answer to ADD.</param>
    /// <param name="status">The exit status of every verb but ADD.</param>
    public IpamScript(string result, int status = 0)
    {
        string path = $"{CniPath}/other-ipam";
        File.WriteAllText(path, $$"""
            #!/bin/sh
            cat > "$0.stdin"
            echo "$CNI_COMMAND" >> "$0.calls"
            [ "$CNI_COMMAND" = ADD ] && { printf '%s' '{{result}}'; exit 0; }
            exit {{status}}
            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string CniPath => _directory.FullName;

    public IReadOnlyList<string> Calls =>
        File.Exists($"{CniPath}/other-ipam.calls") ? File.ReadAllLines($"{CniPath}/other-ipam.calls") : [];

    public void Dispose() => _directory.Delete(recursive: true);
}
