using System.CommandLine;
using Cluster.Store;
using CniAgent.Configuration;

namespace CniAgent.Commands;

/// <summary><c>cnictl etcd roles</c>: how etcd is told that a node may write what is its own, and nothing else.</summary>
internal static class EtcdRolesCommand
{
    /// <summary>Makes it.</summary>
    public static Command Make()
    {
        Argument<string[]> nodes = new("node") { Description = "names of nodes", Arity = ArgumentArity.OneOrMore };
        Option<string> cluster = new("--cluster")
        {
            Description = "the cluster's name",
            DefaultValueFactory = static _ => new AgentConfig().Cluster,
        };
        Option<string[]> administrators = new("--administrator")
        {
            Description = "a node whose cnictl may make and delete networks and reservations, and forget nodes; once for each",
            DefaultValueFactory = static _ => [],
        };
        Option<bool> passwords = new("--passwords")
        {
            Description = "users with passwords; without it, users by the name of their certificate",
        };
        Command command = new("roles", "print the etcdctl commands that confine each node to its own keys")
        {
            nodes, cluster, administrators, passwords,
        };
        command.SetAction(async (arguments, cancel) =>
        {
            string text = Write(
                arguments.GetValue(cluster)!,
                arguments.GetValue(nodes)!,
                arguments.GetValue(administrators)!,
                arguments.GetValue(passwords));
            await Console.Out.WriteAsync(text.AsMemory(), cancel);
            return 0;
        });
        return command;
    }

    /// <summary>Writes the commands.</summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="nodes">Nodes that write their own.</param>
    /// <param name="administrators">Nodes whose users change the cluster's objects, too.</param>
    /// <param name="hasPasswords">Whether etcdctl is to ask for a password of each.</param>
    public static string Write(string cluster, IReadOnlyList<string> nodes, IReadOnlyList<string> administrators, bool hasPasswords)
    {
        foreach (string name in (IEnumerable<string>)[cluster, .. nodes, .. administrators])
        {
            if (!AgentSettings.IsName(name))
                throw new CommandException($"\"{name}\" is no name; use letters, digits, hyphens and points, 63 at most");
        }
        StoreKeys keys = new(cluster);
        string common = $"cniplugin-{cluster}", administrator = $"{common}-administrator";
        List<string> lines =
        [
            "# All nodes read all of the cluster and claim blocks.",
            $"etcdctl role add {common}",
            Grant(common, "read", keys.Root),
            Grant(common, "readwrite", keys.AllBlocks),
        ];
        if (administrators.Count > 0)
        {
            lines.Add("# Administrators change networks and reservations.");
            lines.Add($"etcdctl role add {administrator}");
            lines.Add(Grant(administrator, "readwrite", keys.Networks));
            lines.Add(Grant(administrator, "readwrite", keys.Reservations));
        }
        foreach (string node in nodes.Union(administrators))
        {
            string own = $"{common}-node-{node}";
            lines.Add($"# {node} says of itself what it is, and nothing of others.");
            lines.Add($"etcdctl role add {own}");
            lines.Add(Grant(own, "readwrite", keys.Node(node)));
            lines.Add($"etcdctl user add {node}{(hasPasswords ? "" : " --no-password")}");
            lines.Add($"etcdctl user grant-role {node} {common}");
            lines.Add($"etcdctl user grant-role {node} {own}");
            if (administrators.Contains(node))
                lines.Add($"etcdctl user grant-role {node} {administrator}");
        }
        return string.Concat(lines.Select(static line => $"{line}\n"));
    }

    private static string Grant(string role, string permission, string prefix) =>
        $"etcdctl role grant-permission {role} {permission} --prefix=true {prefix}";
}
