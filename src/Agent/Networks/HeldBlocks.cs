using System.Text;
using Linux.Addresses;
using Linux.Files;

namespace Agent.Networks;

/// <summary>
/// The blocks that this node last gave addresses from, since the boot: what tells a block that was never its own from one that the store
/// has lost, or has given to another.
/// </summary>
/// <param name="runtimeDirectory">Of the agent.</param>
/// <param name="network">The network's name.</param>
internal sealed class HeldBlocks(string runtimeDirectory, string network)
{
    private const int MaxLength = 1024 * 1024;

    private readonly string _path = Path.Combine(runtimeDirectory, "blocks", network);
    private IReadOnlyList<IpPrefix>? _all;

    /// <summary>The names of the networks of which something was held.</summary>
    public static IReadOnlyList<string> Networks(string runtimeDirectory)
    {
        DirectoryInfo directory = new(Path.Combine(runtimeDirectory, "blocks"));
        // Names of networks have no point, rests of killed writes have one.
        return directory.Exists
            ? [.. directory.EnumerateFiles().Select(static file => file.Name).Where(static name => !name.Contains('.'))]
            : [];
    }

    /// <summary>The blocks; empty if there are none.</summary>
    /// <exception cref="Linux.LinuxException">The file is there and cannot be read.</exception>
    public IReadOnlyList<IpPrefix> All => _all ??= Read();

    private List<IpPrefix> Read() => PlainFile.TryRead(_path, MaxLength) is { } bytes
        ?
        [
            .. Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => IpPrefix.TryParse(line, out IpPrefix block) ? block : default)
                .Where(static block => block.Address is not null),
        ]
        : [];

    /// <summary>Writes them, before an address of a new one is given.</summary>
    /// <exception cref="Linux.LinuxException">The file cannot be written.</exception>
    public void Write(IReadOnlyList<IpPrefix> blocks)
    {
        if (blocks.SequenceEqual(All))
            return;
        OwnerDirectory.Create(runtimeDirectory);
        OwnerDirectory.Create(Path.GetDirectoryName(_path)!);
        if (blocks.Count > 0)
            AtomicFile.Write(_path, Encoding.ASCII.GetBytes(string.Concat(blocks.Select(static block => $"{block}\n"))));
        else if (File.Exists(_path))
            File.Delete(_path);
        _all = [.. blocks];
    }
}
