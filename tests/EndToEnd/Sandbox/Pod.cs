using System.Text.Json;
using Linux.Addresses;

namespace EndToEnd.Sandbox;

/// <summary>
/// A pod as the node sees it: the attachment's key, and the network namespace, which commands enter with the node's own tools.
/// </summary>
public sealed class Pod(RuntimeSandbox sandbox, string containerId, string netns, string interfaceName = "eth0")
{
    public string ContainerId { get; } = containerId;

    public string Netns { get; } = netns;

    public string InterfaceName { get; } = interfaceName;

    /// <summary>Makes a named network namespace and takes its name for the container's ID.</summary>
    public static Pod Create(RuntimeSandbox sandbox, string name)
    {
        _ = sandbox.Run("ip", "netns", "add", name);
        return new Pod(sandbox, name, $"/run/netns/{name}");
    }

    public string Run(params IReadOnlyList<string> command) => TryRun(command).Expect(exitCode: 0).Output;

    public CommandResult TryRun(params IReadOnlyList<string> command) => sandbox.TryRun(["nsenter", $"--net={Netns}", "--", .. command]);

    /// <summary>The first global address of a family, without its prefix length.</summary>
    public string Address(IpFamily family = IpFamily.IPv4)
    {
        string json = Run("ip", "-json", family.IsIPv6 ? "-6" : "-4", "address", "show", "dev", InterfaceName, "scope", "global");
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement[0].GetProperty("addr_info")[0].GetProperty("local").GetString()!;
    }

    /// <summary>Asserts that one echo request, sent once, is answered within two seconds.</summary>
    public void AssertReaches(string address) => TryRun(Ping(address, seconds: 2)).Expect(exitCode: 0);

    /// <summary>Whether one echo request is answered within a second.</summary>
    public bool Reaches(string address) => TryRun(Ping(address, seconds: 1)).ExitCode == 0;

    /// <summary>Asserts that an echo request stays unanswered for a second.</summary>
    public void AssertDoesNotReach(string address) => Assert.NotEqual(0, TryRun(Ping(address, seconds: 1)).ExitCode);

    /// <summary>
    /// Deletes the namespace, and waits until its veth pairs are gone: the kernel removes them behind the name, and until then their
    /// host ends say that the pod lives.
    /// </summary>
    public void Delete()
    {
        HashSet<int> hostEnds = [.. Veths(TryRun("ip", "-json", "link", "show", "type", "veth"), "link_index")];
        _ = sandbox.Run("ip", "netns", "delete", Path.GetFileName(Netns));
        for (long start = Environment.TickCount64; hostEnds.Count > 0; Assert.InRange(Environment.TickCount64 - start, 0, 10_000))
            hostEnds.IntersectWith(Veths(sandbox.TryRun("ip", "-json", "link", "show", "type", "veth"), "ifindex"));
    }

    private static IEnumerable<int> Veths(CommandResult listing, string member)
    {
        if (listing.ExitCode != 0 || listing.Output.Length == 0)
            return [];
        using JsonDocument document = JsonDocument.Parse(listing.Output);
        return
        [
            .. document.RootElement.EnumerateArray()
                .Select(link => link.TryGetProperty(member, out JsonElement index) ? index.GetInt32() : 0).Where(static index => index > 0),
        ];
    }

    private static string[] Ping(string address, int seconds) => ["ping", "-n", "-c1", $"-W{seconds}", address];
}
