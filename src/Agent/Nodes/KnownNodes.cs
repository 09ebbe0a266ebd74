using System.Net;
using System.Text;
using Cluster.Objects;
using Linux.Addresses;
using Linux.Files;
using Netlink.WireGuard;

namespace Agent.Nodes;

/// <summary>
/// Addresses and keys of all nodes that were ever seen and may still have pods. A node that the store no longer knows to be alive may well
/// be: its lease ends also when it cannot reach the store. So the way to it stays for as long as it has blocks, over a restart of the
/// agent, too.
/// </summary>
/// <param name="runtimeDirectory">Of the agent.</param>
public sealed class KnownNodes(string runtimeDirectory)
{
    private const string KeyPrefix = "wireguard:";
    private const int MaxLength = 16 * 1024 * 1024;

    private readonly string _path = Path.Combine(runtimeDirectory, "nodes");
    private readonly Dictionary<string, KnownNode> _nodes = new(StringComparer.Ordinal);

    /// <summary>The nodes in the order of their names.</summary>
    public IReadOnlyList<KnownNode> Nodes => [.. _nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)];

    /// <summary>Reads what an earlier agent has seen.</summary>
    /// <exception cref="Linux.LinuxException">The file is there and cannot be read.</exception>
    public void Read()
    {
        if (PlainFile.TryRead(_path, MaxLength) is not { } bytes)
            return;
        foreach (string line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            IEnumerable<IPAddress?> addresses =
                words.Skip(1).Select(static word => IPAddress.TryParse(word, out IPAddress? address) ? address : null);
            string? key = words.FirstOrDefault(static word => word.StartsWith(KeyPrefix, StringComparison.Ordinal));
            _nodes[words[0]] = new KnownNode(words[0], [.. addresses.OfType<IPAddress>()], ReadKey(key?[KeyPrefix.Length..]));
        }
    }

    /// <summary>Takes what nodes say of themselves now, and forgets those that neither are there nor have blocks.</summary>
    /// <param name="alive">The nodes in the store.</param>
    /// <param name="owners">The names of those that have blocks.</param>
    /// <exception cref="Linux.LinuxException">The file cannot be written.</exception>
    public void Take(IEnumerable<Node> alive, IReadOnlySet<string> owners)
    {
        string before = Text();
        HashSet<string> present = [];
        foreach (Node node in alive)
        {
            _ = present.Add(node.Metadata.Name);
            _nodes[node.Metadata.Name] = new KnownNode(node.Metadata.Name, node.InternalAddresses, ReadKey(node.WireGuardKey));
        }
        foreach (string name in _nodes.Keys.Where(name => !present.Contains(name) && !owners.Contains(name)).ToArray())
            _ = _nodes.Remove(name);
        string after = Text();
        if (after == before)
            return;
        OwnerDirectory.Create(runtimeDirectory);
        AtomicFile.Write(_path, Encoding.UTF8.GetBytes(after));
    }

    // one 192.0.2.1 2001:db8::1 wireguard:BASE64
    private string Text() => string.Concat(Nodes.Select(static node =>
    {
        string[] key = node.WireGuardKey is { } known ? [$"{KeyPrefix}{known}"] : [];
        return $"{string.Join(' ', [node.Name, .. node.Addresses.Select(IpText.Format), .. key])}\n";
    }));

    private static WireGuardKey? ReadKey(string? text) => WireGuardKey.TryParse(text, out WireGuardKey key) ? key : null;
}
