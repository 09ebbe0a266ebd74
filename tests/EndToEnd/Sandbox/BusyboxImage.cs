using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EndToEnd.Sandbox;

/// <summary>An image of one static busybox, which containerd and podman import without a registry.</summary>
public static class BusyboxImage
{
    public const string Name = "localhost/busybox:1";

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Writes the image as <c>docker save</c> would and returns the archive's path.</summary>
    public static string WriteTo(string directory)
    {
        byte[] layer = Layer();
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        string digest = Convert.ToHexStringLower(SHA256.HashData(layer));
        string path = Path.Combine(directory, "busybox.tar");
        using TarWriter archive = new(File.Create(path));
        Add(archive, "layer.tar", layer);
        Add(archive, "config.json", Encoding.UTF8.GetBytes($$$"""
            {"architecture":"{{{architecture}}}","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["sleep","infinity"]},
             "rootfs":{"type":"layers","diff_ids":["sha256:{{{digest}}}"]}}
            """));
        Add(
            archive,
            "manifest.json",
            Encoding.UTF8.GetBytes($$"""[{"Config":"config.json","RepoTags":["{{Name}}"],"Layers":["layer.tar"]}]"""));
        return path;
    }

    private static byte[] Layer()
    {
        MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, leaveOpen: true))
        {
            foreach (string directory in (string[])["bin", "dev", "etc", "proc", "sys", "tmp"])
                writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = Executable });
            Add(writer, "bin/busybox", File.ReadAllBytes("/bin/busybox"));
            foreach (string applet in (string[])["sh", "sleep", "ping", "ip", "cat"])
                writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }

        return bytes.ToArray();
    }

    private static void Add(TarWriter writer, string name, byte[] content) =>
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = Executable, DataStream = new MemoryStream(content) });
}
