using System.Diagnostics;
using System.Text.Json;
using Linux.Addresses;
using Linux.Namespaces;
using TestKit;

namespace Plugins.Tests.Migration;

/// <summary>Debian's plugins of the reference on a node, with its iptables, which writes into nftables.</summary>
internal sealed class ReferenceNode(NetworkNamespace node) : IDisposable
{
    private const string Plugins = "/usr/lib/cni";

    private readonly string _directory = Directory.CreateTempSubdirectory("reference-").FullName;
    private readonly List<NetworkNamespace> _pods = [];
    private readonly Dictionary<string, string> _results = [];

    /// <summary>Makes a pod's namespace and attaches it by the reference's bridge, with an address of each family.</summary>
    /// <returns>The addresses.</returns>
    public IpPrefix[] Attach(string containerId, string network = "pods", string ifName = "eth0", NetworkNamespace? pod = null)
    {
        if (pod is null)
            _pods.Add(pod = NetworkNamespace.Create());
        string config = $$"""
            {
              "cniVersion": "1.0.0", "name": "{{network}}", "type": "bridge", "isGateway": true, "ipMasq": true, "macspoofchk": true,
              "ipam": {
                "type": "host-local", "dataDir": "{{_directory}}",
                "ranges": [[{ "subnet": "10.5.0.0/24" }], [{ "subnet": "fd05::/64" }]]
              }
            }
            """;
        string result = Run("bridge", config, containerId, ifName, pod);
        _results[containerId] = result;
        return [.. JsonDocument.Parse(result).RootElement.GetProperty("ips").EnumerateArray()
            .Select(static ip => TestCall.Prefix(ip.GetProperty("address").GetString()!))];
    }

    /// <summary>What the bridge answered for a pod.</summary>
    public string ResultOf(string containerId) => _results[containerId];

    /// <summary>Goes on with a chained plugin behind the bridge.</summary>
    public void Chain(string type, string members, string containerId, string network = "pods") => _ = Run(
        type,
        $$"""{ "cniVersion": "1.0.0", "name": "{{network}}", "type": "{{type}}", {{members}}, "prevResult": {{_results[containerId]}} }""",
        containerId,
        "eth0",
        _pods[^1]);

    /// <summary>Publishes a port of a pod by the reference's portmap.</summary>
    public void Publish(string containerId, int port, string network = "pods") => Chain(
        "portmap",
        $$"""
        "runtimeConfig": {
          "portMappings": [
            { "hostPort": {{port}}, "containerPort": 80, "protocol": "tcp" }, { "hostPort": {{port}}, "containerPort": 53,
            "protocol": "udp" }
          ]
        }
        """,
        containerId,
        network);

    /// <summary>The rules of iptables, both families.</summary>
    public string Rules(string table) => Shell($"iptables-nft -t {table} -S && ip6tables-nft -t {table} -S");

    /// <summary>Runs a command in the node's namespace.</summary>
    public string Shell(string command) => Start("sh", ["-c", command], "", []);

    public void Dispose()
    {
        foreach (NetworkNamespace pod in _pods)
            pod.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Run(string type, string config, string containerId, string ifName, NetworkNamespace pod) =>
        Start(Path.Combine(Plugins, type), [], config, new()
        {
            ["CNI_COMMAND"] = "ADD",
            ["CNI_CONTAINERID"] = containerId,
            ["CNI_NETNS"] = $"/proc/{Environment.ProcessId}/fd/{pod.Handle.Number}",
            ["CNI_IFNAME"] = ifName,
            ["CNI_PATH"] = Plugins,
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        });

    private string Start(string program, string[] arguments, string input, Dictionary<string, string> variables) => node.Run(() =>
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        // A child inherits the namespace of the thread that starts it.
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{errors.Result}\n{input}");
        return output;
    });
}
