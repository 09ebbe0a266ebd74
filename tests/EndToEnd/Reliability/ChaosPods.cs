using System.Text.Json.Nodes;
using EndToEnd.Cluster;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>The pods of a cluster in which things break: what each was given, and what is wrong with it.</summary>
/// <param name="cluster">The cluster, with a network named pods.</param>
public sealed class ChaosPods(ClusterSandbox cluster)
{
    private const int Exhausted = 102;
    private const int MaxPerHost = 12;

    private readonly Dictionary<string, (ClusterHost Host, string[] Addresses, string List)> _pods = [];
    private readonly List<string> _failures = [];

    public int Attached { get; private set; }

    /// <summary>How many ADDs found no address: no node claims a block while it cannot ask anybody.</summary>
    public int Refused { get; private set; }

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Attaches pods until a host has so many that it wants another block, or no address is left.</summary>
    public void Fill(ClusterHost host, int count)
    {
        for (int i = 0; i < count && Of(host).Count < MaxPerHost; i++)
        {
            if (!TryAttach(host))
                return;
        }
    }

    public void Detach(ClusterHost host, int count)
    {
        foreach (string name in Of(host).Take(count))
        {
            host.Detach(name, _pods[name].List);
            _ = _pods.Remove(name);
        }
    }

    public void DetachAll()
    {
        foreach (ClusterHost host in cluster.Hosts)
            Detach(host, int.MaxValue);
    }

    /// <summary>Waits until all that was broken works again, and looks at everything.</summary>
    public void Audit()
    {
        cluster.WaitUntilAllIsWell();
        foreach (ClusterHost host in cluster.Hosts)
        {
            ClusterSandbox.Until($"{host.Name} gives addresses", () => Of(host).Count >= MaxPerHost || TryAttach(host), host.Describe);
            ClusterSandbox.Until($"{host.Name} knows all blocks", () => Differences(host).Count == 0, () => Explain(host));
        }
        foreach ((string name, (ClusterHost host, string[] addresses, _)) in _pods)
        {
            IReadOnlyDictionary<string, string> owners = Owners(host);
            foreach (string address in addresses)
            {
                string owner = owners.FirstOrDefault(block => Contains(block.Key, address)).Value ?? "nobody";
                if (owner != host.Name)
                    _failures.Add($"{address} of {name} on {host.Name} is of a block of {owner}");
            }
        }
        // One pod of each host to one of each other: there is one way per block, and all of them were compared.
        Pod[] some = [.. cluster.Hosts.Select(host => host.PodOf(Of(host)[^1]))];
        foreach (Pod from in some)
        {
            foreach (Pod to in some.Where(to => to != from))
                from.AssertReaches(to.Address());
        }
    }

    private List<string> Of(ClusterHost host) => [.. _pods.Where(pod => pod.Value.Host == host).Select(static pod => pod.Key)];

    private bool TryAttach(ClusterHost host)
    {
        string name = $"pod{Attached + Refused}", list = host.ReadList("pods")!;
        CommandResult answer = host.TryAttach(name);
        if (answer.ExitCode != 0)
        {
            if ((int?)JsonNode.Parse(answer.Output)!["code"] != Exhausted)
                _failures.Add($"{name} on {host.Name}: {answer}");
            Refused++;
            host.Detach(name, list);
            return false;
        }
        string[] addresses =
        [
            .. JsonNode.Parse(answer.Output)!["ips"]!.AsArray().Select(static ip => ((string)ip!["address"]!).Split('/')[0]),
        ];
        foreach (string address in addresses)
        {
            foreach ((string other, _) in _pods.Where(pod => pod.Value.Addresses.Contains(address)))
                _failures.Add($"{address} is given to {name} on {host.Name}, and {other} on {_pods[other].Host.Name} has it");
        }
        _pods[name] = (host, addresses, list);
        Attached++;
        return true;
    }

    /// <summary>
    /// Between the ways that a host has and the blocks of the others, and between the blocks that it gives from and its own.
    /// </summary>
    private static List<string> Differences(ClusterHost host)
    {
        IReadOnlyDictionary<string, string> owners = Owners(host);
        HashSet<string> ways =
        [
            .. host.Script("ip -o route show dev cni-vx0; ip -o -6 route show dev cni-vx0").Split('\n')
                .Select(static line => line.Split(' ')[0]).Where(static way => way.EndsWith("/29") || way.EndsWith("/125")),
        ];
        HashSet<string> own = [.. JsonNode.Parse(host.Ctl("status", "--json").Expect(exitCode: 0).Output)!["networks"]!.AsArray()
            .SelectMany(static network => network!["blocks"]!.AsArray()).Select(static block => (string)block!["block"]!)];
        return
        [
            .. Compare("way", ways, owners.Where(block => block.Value != host.Name).Select(static block => block.Key)),
            .. Compare("own block", own, owners.Where(block => block.Value == host.Name).Select(static block => block.Key)),
        ];
    }

    private static IEnumerable<string> Compare(string what, HashSet<string> there, IEnumerable<string> wanted)
    {
        HashSet<string> rest = [.. wanted];
        return
        [
            .. there.Except(rest).Select(block => $"{what} {block} too many"),
            .. rest.Except(there).Select(block => $"{what} {block} missing"),
        ];
    }

    private static string Explain(ClusterHost host) =>
        $"{string.Join(", ", Differences(host))}\n{host.Ctl("blocks").Output}\n{host.Describe()}";

    private static Dictionary<string, string> Owners(ClusterHost host) =>
        JsonNode.Parse(host.Ctl("blocks", "--json").Expect(exitCode: 0).Output)!.AsArray()
            .ToDictionary(static block => (string)block!["block"]!, static block => (string)block!["node"]!);

    private static bool Contains(string block, string address) =>
        System.Net.IPNetwork.Parse(block).Contains(System.Net.IPAddress.Parse(address));
}
