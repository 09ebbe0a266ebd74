using System.Globalization;
using System.Text;

namespace Agent.Api;

/// <summary>The agent's figures in the text format of Prometheus.</summary>
internal static class AgentMetrics
{
    /// <summary>Writes all of them.</summary>
    public static string Write(NodeAgent agent)
    {
        NodeStatusReport report = agent.Report;
        StringBuilder text = new();
        Gauge("cniagent_ready", "1 if the node does all that the cluster wants of it", ("", agent.IsReady ? 1 : 0));
        Gauge("cniagent_problems", "How many things are not as they should be", ("", report.Problems.Count));
        Gauge("cniagent_nodes", "Nodes whose agents keep their lease", ("", agent.View.Nodes.Count));
        Gauge("cniagent_networks", "Networks in the store", ("", agent.View.Networks.Count));
        Gauge(
            "cniagent_blocks",
            "Blocks of this node",
            [.. report.Networks.Select(static network => (Label(network), network.Blocks.Count))]);
        Gauge(
            "cniagent_addresses_held",
            "Addresses that pods of this node hold",
            [.. report.Networks.Select(static network => (Label(network), network.Blocks.Sum(static block => block.Held)))]);
        return text.ToString();

        void Gauge(string name, string help, params (string Labels, int Value)[] values)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n");
            foreach ((string labels, int value) in values)
                _ = text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
        }
    }

    private static string Label(NetworkReport network) => $"{{network=\"{network.Name}\"}}";
}
